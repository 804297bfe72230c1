/** Every router of the shops, on one screen. shared/http/app.ts has resolved the host, entered the tenant and checked session and form token. */
import { Router } from 'express'
import { authRoutes } from './auth/routes.js'
import { creditRoutes } from './billing/credit/routes.js'
import { invoicesRoutes } from './billing/invoices/routes.js'
import { statementRoutes } from './billing/invoices/statements/statement-routes.js'
import { gatewayRoutes, webhookRoutes } from './billing/payments/methods/gateway-routes.js'
import { payLinkRoutes } from './billing/payments/link-routes.js'
import { paymentRoutes } from './billing/payments/routes.js'
import { subscriptionRoutes } from './billing/subscriptions/routes.js'
import { taxRoutes } from './billing/tax/routes.js'
import { catalogRoutes } from './catalog/routes.js'
import { shopMenu } from './catalog/shop-menu.js'
import { findUser } from './customers/guard.js'
import { customersRoutes } from './customers/routes.js'
import { dashboardRoutes } from './dashboard/routes.js'
import { credentialRoutes } from './kasm/credentials/routes.js'
import { kasmRoutes } from './kasm/routes.js'
import { notificationRoutes } from './notifications/routes.js'
import { unreadCount } from './notifications/unread-count.js'
import { orderRoutes } from './ordering/routes.js'
import './services/jobs.js'
import { serviceRoutes } from './services/routes.js'
import { withProductName } from './settings/product-name.js'

export const tenantApp = Router()
tenantApp.use(webhookRoutes)
tenantApp.use(findUser, unreadCount, withProductName, shopMenu)
tenantApp.use(customersRoutes, notificationRoutes, authRoutes, catalogRoutes, gatewayRoutes, payLinkRoutes, paymentRoutes, invoicesRoutes, statementRoutes, creditRoutes, taxRoutes, subscriptionRoutes)
tenantApp.use(serviceRoutes, credentialRoutes, kasmRoutes, orderRoutes, dashboardRoutes)
