/** How this shop writes its prices and rounds their tax. */
import { z } from 'zod'
import { defineSetting } from '../../settings/setting.js'

const wording = z.string().max(300)
const schema = z.object({
  /** Are the catalogue's prices with tax in them? */
  pricesInclusive: z.boolean(),
  /** Is tax rounded on each line of an invoice, or once for each rate on its total? */
  rounding: z.enum(['line', 'total']),
  /** Sentences on invoices that bear no tax; empty: our own. */
  reverseChargeText: wording,
  exportText: wording,
})
export type TaxSettings = z.infer<typeof schema>

export const defaultWording = {
  reverseCharge: 'Reverse charge: the customer accounts for the VAT (Article 196 of Directive 2006/112/EC).',
  export: 'Not subject to VAT: the place of supply is outside the European Union.',
}

/** `settings` row `tax`; form: Taxes → Settings. */
export const taxSettings = defineSetting<TaxSettings>('tax', schema, { pricesInclusive: false, rounding: 'line', reverseChargeText: '', exportText: '' })
