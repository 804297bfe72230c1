/** What a shop decides about services. Form: the desk's order settings. */
import { z } from 'zod'
import { defineSetting } from '../settings/setting.js'

/** `keepDays`: a service whose subscription was cancelled is kept suspended for so many days, so that the customer may take it up again; 0: it is removed at once. */
export interface ServiceRules { readonly keepDays: number }
export const serviceRules = defineSetting<ServiceRules>('services.rules', z.object({ keepDays: z.number().int().min(0).max(60) }), { keepDays: 0 })
