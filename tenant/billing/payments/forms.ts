/** What browsers may send about payments. */
import { z } from 'zod'
import { Money } from '../../../shared/money/money.js'

const method = z.string({ error: 'Choose how to pay.' }).regex(/^([a-z0-9]{20}|paypal)$/, 'Choose how to pay.')
const publicId = z.string().length(20)

/** `after`: number of the last attempt when the form was made; a second click finds that it has moved on. */
export const payForm = z.object({ method, after: z.coerce.number().int().min(0).max(100_000) })
/** `invoice`: the rows that are ticked; `total`: what the page added up, in minor units. `formKey` was made with the form: sent twice, it is one payment. */
export const payAllForm = z.object({ method, formKey: publicId, total: z.coerce.number().int().min(0), invoice: z.union([publicId.transform((one) => [one]), z.array(publicId).max(100)], { error: 'Choose at least one invoice.' }) })
/** A card that was just entered. */
export const enteredQuery = z.object({ card: z.string().max(40).optional() })
export const attemptQuery = z.object({ attempt: z.string().max(40).optional() })
export const chosenQuery = z.object({ chosen: z.string().max(2200).optional() })

const amount = (what: string) => z.string({ error: `Enter ${what}.` }).max(16, 'Enter an amount like 25.00.')
export const autoTopUpForm = z.object({ threshold: amount('an amount'), amount: amount('an amount'), monthlyCap: amount('a limit'), method: z.string({ error: 'Choose a payment method.' }).length(20, 'Choose a payment method.') })

/** The amounts of a form in this currency; by field what cannot be read. */
export function readAmounts<K extends string>(input: Record<K, string>, names: readonly K[], currency: string): { amounts: Record<K, Money>; faults: Partial<Record<K, string>> } {
  const [amounts, faults] = [{} as Record<K, Money>, {} as Partial<Record<K, string>>]
  for (const name of names) {
    const read = Money.parse(input[name], currency)
    if (read) amounts[name] = read
    else faults[name] = 'Enter an amount like 25.00.'
  }
  return { amounts, faults }
}
