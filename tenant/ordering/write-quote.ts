/** Staff writes a quote: whom for, what, until when. Prices come from the catalogue at that moment and are kept. */
import { FormErrors, refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import type { Money } from '../../shared/money/money.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Plan } from '../catalog/plan.js'
import { priceSelection, type Selection } from '../catalog/price-selection.js'
import { Customer } from '../customers/customer.js'
import { mostLines, Quote, QuoteLine } from './quote.js'

export interface QuoteFacts {
  readonly email: string
  readonly validUntil: Date
  readonly discountPpm: number
  readonly note: string
}

/** Throws FormErrors when nobody has this address, or the day is over. */
export async function writeQuote(facts: QuoteFacts, now: Date): Promise<Quote> {
  const customer = await Customer.withEmail(facts.email)
  if (!customer) throw new FormErrors({ email: 'No customer has this address. They sign up first, then you can quote.' }, { email: facts.email })
  if (facts.validUntil <= now) throw new FormErrors({ validUntil: 'Choose a day in the future.' })
  return tenantTransaction(async () => {
    const { validUntil, discountPpm, note } = facts
    const quote = await Quote.query().insertAndFetch({ publicId: newPublicId(), userId: customer.id, status: 'draft', currency: customer.currency, validUntil, discountPpm, note })
    await record('quote.written', quote, {}, { userId: customer.id })
    return quote
  })
}

/** Throws Refusal once it was sent. */
export async function changeQuote(quote: Quote, facts: Omit<QuoteFacts, 'email'>, now: Date): Promise<void> {
  refuse(quote.refusalToChange())
  if (facts.validUntil <= now) throw new FormErrors({ validUntil: 'Choose a day in the future.' })
  await quote.$query().patch({ validUntil: facts.validUntil, discountPpm: facts.discountPpm, note: facts.note })
}

/** Throws FormErrors for choices that are not on offer, and for what is charged by the hour. */
export async function quotePlan(quote: Quote, plan: Plan, selection: Selection, name: string | undefined): Promise<void> {
  refuse(quote.refusalToChange())
  if (plan.isMetered) throw new FormErrors({ plan: 'What is charged by the hour is ordered by the customer; it cannot be quoted.' })
  if (plan.currency !== quote.currency) throw new FormErrors({ plan: `This customer pays in ${quote.currency}.` })
  const priced = await priceSelection(plan, selection)
  await addLine(quote, {
    planId: plan.id, quantity: selection.quantity, options: [...selection.options], name: (name ?? priced.product.name).slice(0, 60), recurringMinor: priced.recurring.minor, setupMinor: priced.setup.minor, items: [...priced.items],
  })
}

/** A line of free text, charged once with the first invoice. */
export async function quoteText(quote: Quote, text: string, amount: Money): Promise<void> {
  refuse(quote.refusalToChange())
  if (amount.minor < 0) throw new FormErrors({ amount: 'An amount is not negative: use the discount.' })
  await addLine(quote, { planId: null, quantity: 1, options: [], items: [], name: text.slice(0, 200), amountMinor: amount.minor })
}

async function addLine(quote: Quote, line: Partial<QuoteLine>): Promise<void> {
  if ((await QuoteLine.query().where({ quoteId: quote.id }).resultSize()) >= mostLines) throw new FormErrors({ form: `A quote holds at most ${mostLines} lines.` })
  await QuoteLine.query().insert({ ...line, publicId: newPublicId(), quoteId: quote.id })
}

export async function removeLine(quote: Quote, line: QuoteLine): Promise<void> {
  refuse(quote.refusalToChange())
  await QuoteLine.query().delete().where({ id: line.id, quoteId: quote.id })
}
