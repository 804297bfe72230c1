/** What the desk may say about how workspaces appear to customers. */
import { z } from 'zod'
import { text } from '../../../shared/http/form.js'
import { namesTheSupplier } from '../../../tenant/settings/product-name.js'

const own = (what: string) => text(what, 40, 2).refine((value) => !namesTheSupplier(value), 'Choose a name of your own: customers would read whose platform it is.')
export const namesForm = z.object({ name: own('The name'), one: own('The word for one of them') })
export const keepForm = z.object({ days: z.coerce.number('Give a number of days.').int('Give whole days.').min(0, 'At least 0 days.').max(90, 'At most 90 days.') })
/** An empty host: links name the server again. */
export const hostForm = z.object({ host: z.string().max(253, 'This is too long for a host name.').optional() })
