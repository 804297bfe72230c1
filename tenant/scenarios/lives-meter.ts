/** Writes lives into the meter's tables in bulk, as sightings and stops leave them there: histories.test.ts compares such rows with those of the product's own verbs. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { newPublicId } from '../../shared/security/token.js'
import { insertRow } from './billing-world.js'
import { certainQuarters, type Hole, type Life, type State } from './lives.js'

export interface Box { readonly userId: number; readonly serviceId: number; readonly workspaceId: number }
export interface Run extends Box {
  readonly life: Life
  /** Its row; null before it began. */
  id: number | null
  /** How many of its holes are written. */
  holes: number
  /** Seconds that stand on invoices, less what corrections took back. */
  billed: number
  /** Where the last correction has put its end. */
  corrected: number | null
}

/** One workspace for each of these customers, in their order; all of one plan. */
export async function newBoxes(userIds: readonly number[], at: Date): Promise<Box[]> {
  const dated = { created_at: at, updated_at: at }
  const price = { currency: 'USD', price_micros: 150_000 }
  const planId = await insertRow('plans', { public_id: newPublicId(), slug: 'lives', name: 'Developer Basic', service_type: 'kasm_workspace', billing_cycle: 'hourly', ...price, ...dated })
  const boxes = userIds.map((userId, n) => ({ userId, serviceId: n + 1, workspaceId: n + 1 }))
  await inBatches(boxes, (some) => tenantDb()('services').insert(some.map(({ userId, serviceId: id }) => ({
    id, public_id: newPublicId(), user_id: userId, plan_id: planId, service_type: 'kasm_workspace', name: `box-${id}`, status: 'active', ...price, ...dated,
  }))))
  await inBatches(boxes, (some) => tenantDb()('kasm_workspaces').insert(some.map(({ userId, serviceId, workspaceId: id }) => ({
    id, user_id: userId, service_id: serviceId, workspace_type: 'developer_basic', status: 'stopped', vcpu: 2, ram_mb: 4096, template_name: 'Ubuntu', ...dated,
  }))))
  return boxes
}

type Standing = readonly [run: Run, state: State]

/** Brings the rows of these runs, of which no two are of one workspace, to where they stand. */
export async function write(standing: readonly Standing[], at: Date): Promise<void> {
  const fresh = standing.filter(([run]) => run.id === null)
  await inBatches(fresh, (some) => tenantDb()('kasm_usage_sessions').insert(some.map((s) => rowOf(s, at))))
  await readIds(fresh.map(([run]) => run))
  await inBatches(standing.filter((s) => !fresh.includes(s)), (some) => tenantDb()('kasm_usage_sessions').insert(some.map((s) => ({ id: s[0].id, ...rowOf(s, at) })))
    .onConflict('id').merge(['stopped_at', 'last_seen_at', 'duration_seconds', 'duration_billable_seconds', 'total_cost_micros', 'end_reason', 'updated_at']))
  const holes = standing.flatMap(([run, { holes: all }]) => all.slice(run.holes).map((hole) => ({ run, hole })))
  await inBatches(holes, (some) => tenantDb()('kasm_usage_gaps').insert(some.map(({ run, hole }) => ({
    kasm_usage_session_id: run.id, started_at: new Date(hole.start), ended_at: new Date(hole.end), seen_again: hole.seenAgain, created_at: at,
  }))))
  const ends = standing.filter(([, state]) => state.stop !== null)
  const events = [...fresh.map(([run]) => started(run)), ...holes.map(({ run, hole }) => unseen(run, hole)), ...ends.map(([run]) => stopped(run))]
  await inBatches(events, (some) => tenantDb()('kasm_usage_events').insert(some.map((event) => ({ actor_kind: 'system', ...event, created_at: at }))))
  for (const [run, state] of standing) run.holes = state.holes.length
}

function rowOf([{ life, workspaceId }, state]: Standing, at: Date): Record<string, unknown> {
  const seconds = certainQuarters(state).length * 900
  const total = state.stop === null ? {} : {
    stopped_at: new Date(state.stop), duration_seconds: Math.floor((state.stop - state.start) / 1000), duration_billable_seconds: seconds,
    total_cost_micros: Math.round((life.rateMicros * seconds) / 3600), end_reason: life.endedBy,
  }
  return {
    kasm_workspace_id: workspaceId, kasm_session_id: `desktop-${life.start}`, started_at: new Date(state.start), last_seen_at: new Date(state.lastSeen),
    cost_per_hour_micros: life.rateMicros, currency: 'USD', wholesale_sku: 'kasm.developer_basic', started_by: 'customer',
    stopped_at: null, duration_seconds: null, duration_billable_seconds: null, total_cost_micros: null, end_reason: null,
    created_at: new Date(state.start), updated_at: at, ...total,
  }
}

async function readIds(runs: readonly Run[]): Promise<void> {
  const nameOf = (workspaceId: number, start: number): string => `${workspaceId} ${start}`
  const rows: Array<{ id: number; kasm_workspace_id: number; started_at: Date }> = []
  await inBatches(runs, async (some) => {
    rows.push(...await tenantDb()('kasm_usage_sessions').whereIn('kasm_workspace_id', some.map((run) => run.workspaceId)).select('id', 'kasm_workspace_id', 'started_at'))
  })
  const ids = new Map(rows.map((row) => [nameOf(row.kasm_workspace_id, row.started_at.getTime()), row.id]))
  for (const run of runs) run.id = ids.get(nameOf(run.workspaceId, run.life.start))!
}

const eventOf = ({ id, workspaceId }: Run, at: number, kind: string, source: string, detail: Record<string, unknown>) =>
  ({ kasm_workspace_id: workspaceId, kasm_usage_session_id: id, kind, source, occurred_at: new Date(at), detail: JSON.stringify(detail) })
const started = (run: Run) => eventOf(run, run.life.start, 'started', 'command', { by: 'customer' })
const stopped = (run: Run) => eventOf(run, run.life.stop, 'stopped', run.life.endedBy === 'provider' ? 'poll' : 'command', { by: run.life.endedBy })
const unseen = (run: Run, { start, end, seenAgain }: Hole) => eventOf(run, end, 'gap', 'poll', { from: new Date(start).toISOString(), to: new Date(end).toISOString(), seenAgain })

async function inBatches<T>(all: readonly T[], act: (some: T[]) => PromiseLike<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += 500) await act(all.slice(from, from + 500))
}
