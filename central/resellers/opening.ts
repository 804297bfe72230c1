/** Where the opening of a reseller stands: one row a step, each safe to repeat. */
import { centralDb } from '../../shared/database/central-database.js'
import { clock } from '../../shared/time/clock.js'

export const openingSteps = ['database', 'schema', 'catalog', 'branding', 'welcome', 'live'] as const
export type OpeningStep = (typeof openingSteps)[number]
export const stepTitles: Record<OpeningStep, string> = {
  database: 'Database with its own accounts', schema: 'Schema', catalog: 'Plans and templates', branding: 'Branding and address', welcome: 'Welcome letter', live: 'Shop goes live',
}

export interface StepState {
  step: OpeningStep
  status: 'waiting' | 'running' | 'done' | 'failed'
  attempts: number
  detail: string | null
  error: string | null
  startedAt: Date | null
  finishedAt: Date | null
}
interface StepRow { step: OpeningStep; status: StepState['status']; attempts: number; detail: string | null; error: string | null; started_at: Date | null; finished_at: Date | null }

export async function readSteps(tenantId: number): Promise<StepState[]> {
  const rows = (await centralDb()('opening_steps').where({ tenant_id: tenantId }).orderBy('position')) as StepRow[]
  return rows.map((r) => ({ step: r.step, status: r.status, attempts: r.attempts, detail: r.detail, error: r.error, startedAt: r.started_at, finishedAt: r.finished_at }))
}

const row = (tenantId: number, step: OpeningStep) => centralDb()('opening_steps').where({ tenant_id: tenantId, step })

export const markRunning = (tenantId: number, step: OpeningStep) =>
  row(tenantId, step).update({ status: 'running', attempts: centralDb().raw('attempts + 1'), error: null, started_at: clock.real(), finished_at: null })

export const markDone = (tenantId: number, step: OpeningStep, detail: string) => row(tenantId, step).update({ status: 'done', detail: detail.slice(0, 500), error: null, finished_at: clock.real() })

export const markFailed = (tenantId: number, step: OpeningStep, error: string) => row(tenantId, step).update({ status: 'failed', error: error.slice(0, 1000), finished_at: clock.real() })
