/** Every router of a tenant's desk, on one screen. Mounted by central/app.ts behind the guard of its host. */
import { Router } from 'express'

export const deskApp = Router()
