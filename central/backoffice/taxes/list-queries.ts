/** Which rates and exemptions a list of the desk is about: the page and its CSV ask here. */
import type { Request } from 'express'
import { TaxExemption } from '../../../tenant/billing/tax/exemption.js'
import { TaxRate } from '../../../tenant/billing/tax/tax-rate.js'

export const rateSorts = { sortable: { country: 'country', percent: 'ppm', name: 'name' }, default: 'country', size: 50 } as const
export const exemptionSorts = { sortable: { new: 'tax_exemptions.created_at' }, default: '-new' } as const

/** Empty: all countries. */
export const countryOf = (req: Request): string => (typeof req.query['country'] === 'string' && /^[A-Z]{2}$/.test(req.query['country']) ? req.query['country'] : '')
export const ratesIn = (country: string) => (country ? TaxRate.query().where({ country }) : TaxRate.query())

export type ListedExemption = TaxExemption & { email: string; customerName: string; userPublicId: string }

/** Empty: all. */
export const stateOf = (req: Request): string => ['asked', 'approved', 'ended', 'declined'].find((s) => s === req.query['status']) ?? ''

/** Rows are ListedExemption. */
export function exemptionsIn(status: string) {
  const query = TaxExemption.query().join('users as u', 'u.id', 'tax_exemptions.user_id').select('tax_exemptions.*', 'u.email', 'u.name as customerName', 'u.public_id as userPublicId')
  return status ? query.where('tax_exemptions.status', status) : query
}
