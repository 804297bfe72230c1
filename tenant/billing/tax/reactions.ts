/** What follows from what happens to tax numbers. Read by tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { mailRefusedNumber } from './mailer.js'

export function registerTaxReactions(): void {
  on('tax-number.refused', 'tell the customer', mailRefusedNumber)
}
