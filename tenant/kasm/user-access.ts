/**
 * Whether a workspace's user may enter at Kasm. While its service is suspended, or the workspace is removed and only its files are kept, the user
 * is disabled there,
 * so that nobody with an old link or password gets in. What is wanted follows from the rows alone; a difference is worked off here, and looked for
 * each minute.
 */
import { z } from 'zod'
import { OutsideError } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { defineJob } from '../../shared/jobs/job.js'
import { log } from '../../shared/log.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from '../services/service.js'
import { kasmCodes, type KasmApi } from './provider/kasm-api.js'
import { kasmOf } from './provider/connection.js'
import { hasCode } from './provider/outside-words.js'
import { Workspace } from './workspace.js'

/** A try has the row for itself this long, and the next one after a failure comes no sooner. */
const TRY_MS = 120_000
const BATCH = 200

/** Pure. */
export const mayEnter = (workspace: Pick<Workspace, 'status'>, service: Pick<Service, 'status'>): boolean =>
  service.status !== 'suspended' && workspace.status !== 'archived'

const job = defineJob({ name: 'kasm.user-access', scope: 'tenant', payload: z.object({ id: z.number().int() }), handler: ({ id }) => settleAccess(id) })
export const nudgeAccess = (id: number): Promise<void> => job.enqueue({ id })

/** From the timetable. */
export async function sweepAccess(now: Date): Promise<void> {
  const rows = (await tenantDb()('kasm_workspaces as w').join('services as s', 's.id', 'w.service_id').whereNotNull('w.kasm_user_id')
    .whereNotIn('w.status', ['terminating', 'terminated'])
    .where((q) => void q.whereNull('w.access_try_at').orWhere('w.access_try_at', '<=', now))
    .where((q) => void q.where((c) => void c.whereNull('w.user_disabled_at').where((d) => void d.where('w.status', 'archived').orWhere('s.status', 'suspended')))
      .orWhere((c) => void c.whereNotNull('w.user_disabled_at').whereNot('w.status', 'archived').whereNot('s.status', 'suspended')))
    .orderBy('w.id').limit(BATCH).select('w.id')) as Array<{ id: number }>
  for (const { id } of rows) await job.enqueue({ id }, { key: `kasm.access:${id}` })
}

/** Safe to repeat; a server that does not answer is asked again by the next turn. */
export async function settleAccess(id: number): Promise<void> {
  const now = clock.now()
  const claimed = await Workspace.query().patch({ accessTryAt: new Date(now.getTime() + TRY_MS) }).where({ id }).whereNotNull('kasm_user_id')
    .where((q) => void q.whereNull('access_try_at').orWhere('access_try_at', '<=', now))
  const workspace = claimed ? await Workspace.query().findById(id) : undefined
  if (!workspace || workspace.isOver) return
  const wanted = mayEnter(workspace, await Service.findOwned<Service>({ id: workspace.serviceId }))
  if (wanted !== (workspace.userDisabledAt === null)) await changeAccess(workspace, wanted).catch(later)
  await Workspace.query().patch({ accessTryAt: null }).where({ id }).where('user_disabled_at', wanted ? 'is' : 'is not', null)
}

function later(error: unknown): void {
  if (!(error instanceof OutsideError)) throw error
  log().warn({ err: error, code: error.code }, 'A workspace user could not be enabled or disabled yet')
}

/** At Kasm first, then in the row. Where the server cannot, the row says so all the same: our own pages refuse anyway. */
export async function changeAccess(workspace: Workspace, open: boolean, api?: KasmApi): Promise<void> {
  const done = await (api ?? await kasmOf(workspace)).setUserEnabled(workspace.kasmUserId!, open).then(() => true, (error: unknown) => {
    if (hasCode(error, kasmCodes.notSupported, kasmCodes.unauthorized, kasmCodes.notFound)) return false
    throw error
  })
  await tenantTransaction(async () => {
    await workspace.$query().patch({ userDisabledAt: open ? null : clock.now() })
    await record(open ? 'workspace.access-opened' : 'workspace.access-closed', workspace, { done }, { userId: workspace.userId })
  })
}
