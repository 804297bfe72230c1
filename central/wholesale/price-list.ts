/** What EZSCALE charges resellers: articles with versions. A version counts from its `valid_from` on; earlier use keeps its price. */
import { centralDb } from '../../shared/database/central-database.js'
import type { WholesalePrice } from '../../shared/tenancy/wholesale.js'
import { clock } from '../../shared/time/clock.js'

export interface PriceVersion extends WholesalePrice {
  readonly version: number
  readonly description: string
  readonly validFrom: Date
}
interface PriceRow { sku: string; version: number; description: string; unit: 'hour' | 'month'; currency: string; price_micros: number; valid_from: Date }

const million = 1_000_000

const fromRow = (row: PriceRow): PriceVersion => ({
  sku: row.sku, version: row.version, description: row.description, unit: row.unit, currency: row.currency, priceMicros: Number(row.price_micros), validFrom: row.valid_from,
})

/** Every version of every article in a currency, newest first. */
export async function priceVersions(currency: string): Promise<PriceVersion[]> {
  const rows = (await centralDb()('wholesale_prices').where({ currency }).orderBy([{ column: 'sku' }, { column: 'valid_from', order: 'desc' }, { column: 'version', order: 'desc' }])) as PriceRow[]
  return rows.map(fromRow)
}

/** The version of an article that counts at an instant; undefined before the first. `versions` is newest first. */
export function priceAt(versions: readonly PriceVersion[], sku: string, at: Date): PriceVersion | undefined {
  return versions.find((v) => v.sku === sku && v.validFrom.getTime() <= at.getTime())
}

/** Today's prices for one reseller, after the discount of its terms. Rounded to whole micro-units, half up. */
export async function pricesFor(tenantId: number, now: Date): Promise<WholesalePrice[]> {
  const terms = (await centralDb()('tenant_billing').where({ tenant_id: tenantId }).first('currency', 'wholesale_discount_ppm')) as { currency: string; wholesale_discount_ppm: number } | undefined
  if (!terms) return []
  const versions = await priceVersions(terms.currency)
  const current = new Map<string, PriceVersion>()
  for (const version of versions) if (version.validFrom <= now && !current.has(version.sku)) current.set(version.sku, version)
  return [...current.values()].map((price) => ({ sku: price.sku, unit: price.unit, currency: price.currency, priceMicros: Math.round((price.priceMicros * (million - terms.wholesale_discount_ppm)) / million) }))
}

/** Adds the next version of an article. Versions are never changed or removed: past use keeps its price. */
export async function addPriceVersion(price: Omit<PriceVersion, 'version'>): Promise<void> {
  const last = (await centralDb()('wholesale_prices').where({ sku: price.sku, currency: price.currency }).max({ version: 'version' }).first()) as { version: number | null } | undefined
  await centralDb()('wholesale_prices').insert({
    sku: price.sku, version: (last?.version ?? 0) + 1, description: price.description, unit: price.unit, currency: price.currency, price_micros: price.priceMicros, valid_from: price.validFrom, created_at: clock.real(),
  })
}

const workspaces: Array<[slug: string, name: string, retailMicros: number]> = [
  ['developer_basic', 'Developer Basic workspace', 150_000], ['developer_pro', 'Developer Pro workspace', 300_000], ['developer_enterprise', 'Developer Enterprise workspace', 600_000],
  ['business_basic', 'Business Basic workspace', 200_000], ['business_pro', 'Business Pro workspace', 400_000], ['business_enterprise', 'Business Enterprise workspace', 800_000],
  ['own', 'Workspace on a server of your own', 0],
]

/** First price list: workspaces at 70 % of the house shop's retail price; on a server that the reseller brought they cost nothing. Safe to repeat: existing articles stay as they are. */
export async function seedPriceList(currencies: readonly string[] = ['USD', 'EUR', 'GBP']): Promise<void> {
  for (const currency of currencies) {
    const known = new Set((await priceVersions(currency)).map((price) => price.sku))
    for (const [slug, description, retail] of workspaces) {
      if (known.has(`kasm.${slug}`)) continue
      await addPriceVersion({ sku: `kasm.${slug}`, description, unit: 'hour', currency, priceMicros: Math.round(retail * 0.7), validFrom: new Date('2020-01-01T00:00:00Z') })
    }
  }
}
