/** The sum of it all. Pure: lines, discounts and taxes in, the priced charge out. */
import { Money } from '../../../shared/money/money.js'
import type { ChargeLine, CouponUse, LineDiscount, LineTax, PricedCharge, PricedLine, RejectedCode, TaxSummary, Treatment } from './charge.js'
import { discountLines, type Offer, type Use } from './discount-lines.js'
import { taxLines, type AppliedRate, type TaxMode } from './line-taxes.js'

/** What the law says about this customer today. */
export interface TaxPosition {
  readonly treatment: Treatment
  /** Where tax is owed, or where the customer is when none is. */
  readonly country: string
  readonly region: string
  readonly note: string | null
  readonly proof: PricedCharge['proof']
}
export interface Facts {
  readonly currency: string
  readonly lines: readonly ChargeLine[]
  readonly offers: readonly Offer[]
  readonly applied: readonly string[]
  readonly rejected: readonly RejectedCode[]
  readonly position: TaxPosition
  /** Rates of a line's tax class, in the order they apply. */
  readonly ratesFor: (taxClass: string) => readonly AppliedRate[]
  readonly mode: TaxMode
}

export function priceCharge(facts: Facts): PricedCharge {
  const { currency, mode, position } = facts
  const discounts = discountLines(facts.lines, facts.offers, currency)
  const afterDiscount = facts.lines.map((line) => line.amountMinor - sumOf(discounts.get(line.key)!))
  const taxes = taxLines(facts.lines.map((line, i) => ({ amountMinor: afterDiscount[i]!, rates: ratesOf(line, facts) })), mode)
  const lines = facts.lines.map((line, i) => pricedLine(line, discounts.get(line.key)!, taxes[i]!, afterDiscount[i]!, mode.inclusive))
  const total = (pick: (line: PricedLine) => number): Money => Money.sum(lines.map((line) => Money.of(pick(line), currency)), currency)
  const [net, tax] = [total((l) => l.netMinor), total((l) => l.taxMinor)]
  return {
    lines, subtotal: total((l) => l.amountMinor), discount: total((l) => l.discountMinor), net, tax, total: net.add(tax),
    taxes: summaries(lines, position, currency),
    notes: position.note ? [position.note] : [], inclusive: mode.inclusive, applied: facts.applied, rejected: facts.rejected,
    couponUses: couponUses(facts, lines), proof: position.proof,
  }
}

const sumOf = (parts: ReadonlyArray<{ amountMinor: number }>): number => parts.reduce((sum, part) => sum + part.amountMinor, 0)

/** Money taken on account is taxed when it is spent. A credit takes the tax back that was charged, whatever the rate is today. */
function ratesOf(line: ChargeLine, facts: Facts): readonly AppliedRate[] {
  if (line.amountMinor < 0 && line.detail?.taxes) return line.detail.taxes.map(({ amountMinor: _amount, ...rate }) => rate)
  return facts.position.treatment === 'taxed' ? facts.ratesFor(line.taxClass || (line.kind === 'deposit' ? 'exempt' : 'standard')) : []
}

function pricedLine(line: ChargeLine, discounts: readonly LineDiscount[], taxes: readonly LineTax[], afterDiscount: number, inclusive: boolean): PricedLine {
  const taxMinor = sumOf(taxes)
  return { ...line, discounts, taxes, discountMinor: sumOf(discounts), taxMinor, netMinor: inclusive ? afterDiscount - taxMinor : afterDiscount }
}

const untaxed: Readonly<Record<Exclude<Treatment, 'taxed' | 'not-registered'>, string>> = { 'reverse-charge': 'Reverse charge', export: 'Outside the scope of tax', exempt: 'Exempt from tax' }

/** One row a rate, in the order of first use; and one for what bears none because of the law. */
function summaries(lines: readonly PricedLine[], position: TaxPosition, currency: string): TaxSummary[] {
  const rows = new Map<string, TaxSummary>()
  const add = (row: Omit<TaxSummary, 'net' | 'tax'>, netMinor: number, taxMinor: number): void => {
    const { net, tax } = rows.get(row.code) ?? { net: Money.zero(currency), tax: Money.zero(currency) }
    rows.set(row.code, { ...row, net: net.add(Money.of(netMinor, currency)), tax: tax.add(Money.of(taxMinor, currency)) })
  }
  for (const line of lines) {
    for (const tax of line.taxes) add(taxedRow(tax), line.netMinor, tax.amountMinor)
    const { treatment, country, region } = position
    if (line.taxes.length || treatment === 'taxed' || treatment === 'not-registered') continue
    add({ code: treatment, label: untaxed[treatment], ratePpm: 0, compound: false, country, region, treatment }, line.netMinor, 0)
  }
  return [...rows.values()]
}

const taxedRow = (tax: LineTax): Omit<TaxSummary, 'net' | 'tax'> =>
  ({ code: tax.code, label: tax.label, ratePpm: tax.ratePpm, compound: tax.compound ?? false, country: tax.country ?? '', region: tax.region ?? '', treatment: 'taxed' })

/** One entry for each redemption, subscription and period; a setup fee beside a period goes with it, alone it uses up no period. */
function couponUses(facts: Facts, lines: readonly PricedLine[]): CouponUse[] {
  const uses = new Map<string, CouponUse>()
  for (const offer of facts.offers) for (const line of lines) {
    const use = offer.uses.get(line.key)
    if (!use || offer.redemptionId === null) continue
    const key = `${offer.redemptionId}|${line.subscriptionId ?? 0}|${use.at === 'period' ? use.number : line.key}`
    const took = sumOf(line.discounts.filter((d) => d.redemptionId === offer.redemptionId))
    uses.set(key, merged(uses.get(key), line, { redemptionId: offer.redemptionId, couponId: offer.couponId, use, took }))
  }
  return [...uses.values()].filter((use) => use.amountMinor > 0 || use.counts)
}

function merged(before: CouponUse | undefined, line: PricedLine, { redemptionId, couponId, use, took }: { redemptionId: number; couponId: number; use: Use; took: number }): CouponUse {
  const isSetup = line.kind === 'setup'
  return {
    redemptionId, couponId, subscriptionId: line.subscriptionId ?? null, periodNumber: use.number,
    counts: (before?.counts ?? false) || (use.at === 'period' && !isSetup),
    period: (isSetup ? before?.period : line.period) ?? before?.period ?? null, amountMinor: (before?.amountMinor ?? 0) + took,
    periodMinor: (before?.periodMinor ?? 0) + (isSetup ? 0 : took),
  }
}
