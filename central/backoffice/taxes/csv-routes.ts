/** Rates and exemptions as CSV: exactly what the lists show, on all their pages. */
import { Router, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { parsePaging } from '../../../shared/database/paging.js'
import type { TaxRate } from '../../../tenant/billing/tax/tax-rate.js'
import { atDesk } from '../desk.js'
import { countryOf, exemptionsIn, exemptionSorts, rateSorts, ratesIn, stateOf, type ListedExemption } from './list-queries.js'

export const csvRoutes = Router()
const mostRows = 20_000

function give(res: Response, name: string, lines: object[]): void {
  res.type('text/csv').attachment(name).set('cache-control', 'private, no-store').send(stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true }))
}

const rateLine = (rate: TaxRate): object => ({
  country: rate.country, region: rate.region, postcodes: rate.postcodePattern, name: rate.name, percent: String(rate.ppm / 10_000), class: rate.taxClass, on_top_of_other_taxes: rate.compound ? 'yes' : 'no',
  valid_from: rate.validFrom?.toISOString() ?? '', valid_until: rate.validTo?.toISOString() ?? '', source: rate.source,
})

csvRoutes.get('/taxes/rates.csv', async (req, res) => {
  const { column, descending } = parsePaging(req.query, rateSorts)
  const way = descending ? 'desc' : 'asc'
  give(res, 'tax-rates.csv', (await atDesk(req, 'tax rates as CSV', async () => ratesIn(countryOf(req)).orderBy(column, way).orderBy('id', way).limit(mostRows))).map(rateLine))
})

csvRoutes.get('/taxes/exemptions.csv', async (req, res) => {
  const { column, descending } = parsePaging(req.query, exemptionSorts)
  const way = descending ? 'desc' : 'asc'
  const rows = await atDesk(req, 'tax exemptions as CSV', async () => exemptionsIn(stateOf(req)).orderBy(column, way).orderBy('tax_exemptions.id', way).limit(mostRows)) as ListedExemption[]
  give(res, 'tax-exemptions.csv', rows.map((row) => ({
    customer: row.customerName, email: row.email, reason: row.reason, evidence: row.evidence, reference: row.reference ?? '', country: row.country, state: row.status,
    valid_from: row.approvedAt ? row.validFrom.toISOString() : '', valid_until: row.validUntil?.toISOString() ?? '', decided_by: row.approvedBy ?? '', decided: row.approvedAt?.toISOString() ?? '', ended: row.endedAt?.toISOString() ?? '',
  })))
})
