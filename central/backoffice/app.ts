/** Every router of a tenant's desk, on one screen. Mounted by central/app.ts behind the guard of its host. */
import { Router } from 'express'
import { catalogDeskRoutes } from './catalog/routes.js'
import { customerDesk } from './customers/routes.js'
import { dunningDesk } from './dunning/routes.js'
import { findingDesk } from './findings/routes.js'
import { invoiceDesk } from './invoices/routes.js'
import { ledgerDesk } from './ledger/routes.js'
import { orderDesk } from './orders/routes.js'
import { paymentDesk } from './payments/routes.js'
import { quoteDesk } from './quotes/routes.js'
import { subscriptionDesk } from './subscriptions/routes.js'
import { serverDesk } from './servers/routes.js'
import { setupDesk } from './setups/routes.js'
import { gatewayDesk } from './gateways/routes.js'
import { couponRoutes } from './coupons/routes.js'
import { transferDesk } from './transfers/routes.js'
import { taxRoutes } from './taxes/routes.js'
import { templateDesk } from './templates/routes.js'
import { usageSettingsDesk } from './usage-settings/routes.js'
import { workspaceDesk } from './workspaces/routes.js'
import { workspaceSettingsDesk } from './workspace-settings/routes.js'

export const deskApp = Router()
deskApp.use(catalogDeskRoutes)
deskApp.use(orderDesk, quoteDesk, setupDesk)
deskApp.use(taxRoutes, couponRoutes)
deskApp.use(customerDesk, invoiceDesk)
deskApp.use(subscriptionDesk)
deskApp.use(gatewayDesk, serverDesk)
deskApp.use(paymentDesk, transferDesk, dunningDesk, ledgerDesk, findingDesk)
deskApp.use(templateDesk)
deskApp.use(workspaceSettingsDesk, usageSettingsDesk)
deskApp.use(workspaceDesk)
