/** Failed set-ups over all shops: tried again one by one or several at once. Each stands in its own shop; one that cannot never holds up the others. */
import { Router } from 'express'
import { z } from 'zod'
import { NotFound, OutsideError, Refusal } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { page, redirect } from '../../shared/http/page.js'
import { log } from '../../shared/log.js'
import { retryProvisioning } from '../../tenant/kasm/retry-provisioning.js'
import { Service } from '../../tenant/services/service.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { openTroubles, troublesWith, type OpenTrouble } from './troubles.js'

const SERVICE = /^service:(\d{1,18})$/
const retryForm = z.object({ id: z.string().regex(/^\d{1,18}$/) })
const idsForm = z.object({ ids: z.string().regex(/^\d{1,18}(,\d{1,18}){0,199}$/, 'Choose at least one of them.') })

export const failureRoutes = Router()
failureRoutes.get('/failures', async (req, res) => page(req, res, 'central/console/failures', { troubles: (await openTroubles()).map((t) => ({ ...t, again: SERVICE.test(t.key) })) }, { title: 'Failures' }))

/** Enters the shop and tries again; answers what it was refused for. */
async function again({ tenantId, key }: OpenTrouble): Promise<string | null> {
  const id = SERVICE.exec(key)?.[1]
  if (!id) return 'This is nothing that can be tried again here.'
  try {
    await inTenantOf(tenantId, 'retry provisioning', async () => retryProvisioning(await Service.findOwned<Service>({ id: Number(id) })))
    return null
  } catch (error) {
    if (error instanceof Refusal || error instanceof OutsideError) return error.message
    if (error instanceof NotFound) return 'It does not exist any more.'
    log().error({ err: error }, 'One of several set-ups could not be tried again')
    return 'Something went wrong with this one. Look at the shop’s own list.'
  }
}

failureRoutes.post('/failures/retry', async (req, res) => {
  const { id } = form(retryForm, req)
  const [trouble] = await troublesWith([Number(id)])
  if (!trouble) throw new NotFound('failure')
  const refused = await again(trouble)
  redirect(req, res, '/failures', { flash: refused ? { kind: 'bad', text: refused } : 'Trying again. The row goes when the service runs.' })
})

failureRoutes.post('/failures/selection', async (req, res) => {
  const ids = Object.keys((req.body ?? {}) as object).flatMap((name) => /^pick_(\d{1,18})$/.exec(name)?.[1] ?? []).slice(0, 200)
  if (!ids.length) return redirect(req, res, '/failures', { flash: { kind: 'info', text: 'Choose at least one of them.' } })
  const rows = await troublesWith(ids.map(Number))
  page(req, res, 'central/console/retry-several', { rows, ids: rows.map((r) => r.id).join(',') }, { title: 'Try several again' })
})
failureRoutes.post('/failures/retries', async (req, res) => {
  const { ids } = form(idsForm, req)
  const results: Array<OpenTrouble & { error: string | null }> = []
  for (const trouble of await troublesWith(ids.split(',').map(Number))) results.push({ ...trouble, error: await again(trouble) })
  const failed = results.filter((r) => r.error !== null).length
  page(req, res, 'central/console/retry-result', { results, done: results.length - failed, failed }, { title: 'Trying again' })
})
