/** What follows from what happens to tax numbers and exemptions. Read by tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { mailDecision, mailRefusedNumber } from './mailer.js'

export function registerTaxReactions(): void {
  on('tax-number.refused', 'tell the customer', mailRefusedNumber)
  on('tax-exemption.approved', 'tell the customer', mailDecision)
  on('tax-exemption.declined', 'tell the customer', mailDecision)
}
