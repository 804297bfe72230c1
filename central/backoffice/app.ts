/** Every router of a tenant's desk, on one screen. Mounted by central/app.ts behind the guard of its host. */
import { Router } from 'express'
import { catalogDeskRoutes } from './catalog/routes.js'

export const deskApp = Router()
deskApp.use(catalogDeskRoutes)
