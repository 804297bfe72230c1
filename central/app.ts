/** Every router of the console (admin host) and of the platform host, on one screen. */
import { Router } from 'express'
import { deskApp } from './backoffice/app.js'
import { memberDesk, staffDesk } from './backoffice/desk.js'
import { brandingRoutes } from './branding/routes.js'
import { consoleRoutes } from './console/routes.js'
import { requireMember } from './members/guard.js'
import { memberRoutes } from './members/routes.js'
import { providerRoutes } from './providers/routes.js'
import { resellerHomeRoutes } from './reseller-home/routes.js'
import { resellerRoutes } from './resellers/routes.js'
import { siteRoutes } from './site/routes.js'
import { requireStaff } from './staff/guard.js'
import { staffRoutes } from './staff/routes.js'
import { templateRoutes } from './templates/routes.js'
import { wholesaleRoutes } from './wholesale/routes.js'

export const consoleApp = Router()
consoleApp.use(staffRoutes)
consoleApp.use(requireStaff, consoleRoutes, resellerRoutes, wholesaleRoutes, providerRoutes, templateRoutes)
consoleApp.use('/tenants/:slug', staffDesk, deskApp)

export const platformApp = Router()
platformApp.use(siteRoutes, memberRoutes)
platformApp.use(['/reseller', '/palette.json'], requireMember)
platformApp.use(resellerHomeRoutes, brandingRoutes)
platformApp.use('/reseller', memberDesk, deskApp)
