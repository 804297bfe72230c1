/** When X happens, do Y: one page for all features. Features hand in their own; nothing here decides. */
import { registerInvoiceReactions } from './billing/invoices/reactions.js'
import { registerDunningReactions } from './billing/dunning/reactions.js'
import { registerPaymentReactions } from './billing/payments/reactions.js'
import { registerTaxReactions } from './billing/tax/reactions.js'
import { registerKasmReactions } from './kasm/reactions.js'

registerInvoiceReactions()
registerPaymentReactions()
registerDunningReactions()
registerTaxReactions()
registerKasmReactions()
