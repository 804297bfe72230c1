/** How a try of the saved methods ended, for people. */
import type { ChargeOutcome } from '../../../tenant/billing/payments/charge-invoice.js'

export interface Ending {
  readonly word: string
  readonly text: string
  readonly tone: 'good' | 'wait' | 'warn' | 'bad'
}

const endings: Readonly<Record<ChargeOutcome['kind'], Ending>> = {
  paid: { word: 'Paid', text: 'Paid. Dunning ends by itself.', tone: 'good' },
  declined: { word: 'Declined', text: 'The saved method was declined.', tone: 'bad' },
  'needs-customer': { word: 'Waits for the customer', text: 'The bank wants the customer to confirm. The customer is asked.', tone: 'warn' },
  checking: { word: 'Being checked', text: 'The payment is being checked. Do not try again.', tone: 'wait' },
  'nothing-due': { word: 'Nothing was due', text: 'Nothing is left to pay.', tone: 'good' },
  'too-small': { word: 'Too small to charge', text: 'The amount is below what can be charged: it waits until more is due.', tone: 'warn' },
  moved: { word: 'Being checked', text: 'Another payment was begun meanwhile. Look again in a minute.', tone: 'wait' },
}

/** `null`: there was no method worth a try. */
export const endingOf = (outcome: ChargeOutcome | null): Ending => (outcome === null ? { word: 'Nothing to try', text: 'There is no saved method worth a try now.', tone: 'warn' } : endings[outcome.kind])
