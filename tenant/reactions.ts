/** When X happens, do Y: one page for all features. Features hand in their own; nothing here decides. */
import { registerInvoiceReactions } from './billing/invoices/reactions.js'
import { registerCreditReactions } from './billing/credit/reactions.js'
import { registerDunningReactions } from './billing/dunning/reactions.js'
import { registerPaymentReactions } from './billing/payments/reactions.js'
import { registerSubscriptionReactions } from './billing/subscriptions/reactions.js'
import { registerTaxReactions } from './billing/tax/reactions.js'
import { registerAlertReactions } from './kasm/alerts/reactions.js'
import { registerFailureReactions } from './kasm/failures/reactions.js'
import { registerBillingNotices } from './billing/notices.js'
import { registerWorkspaceNotices } from './kasm/notices.js'
import { registerMeterReactions } from './kasm/metering/reactions.js'
import { registerKasmReactions } from './kasm/reactions.js'
import { registerOrderReactions } from './ordering/reactions.js'
import { registerServiceReactions } from './services/reactions.js'

registerInvoiceReactions()
registerSubscriptionReactions()
registerPaymentReactions()
registerCreditReactions()
registerDunningReactions()
registerTaxReactions()
registerServiceReactions()
registerKasmReactions()
registerMeterReactions()
registerWorkspaceNotices()
registerBillingNotices()
registerAlertReactions()
registerFailureReactions()
registerOrderReactions()
