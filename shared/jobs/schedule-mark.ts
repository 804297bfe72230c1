/** When each schedule last began, ended well and failed: kept outside agenda, so that a schedule that silently stopped is noticed. */
import { centralDb } from '../database/central-database.js'
import { runAsPlatform } from '../tenancy/context.js'
import { clock } from '../time/clock.js'

export interface ScheduleMark {
  readonly name: string
  readonly lastStartedAt: Date | null
  readonly lastSuccessAt: Date | null
  readonly lastErrorAt: Date | null
  readonly lastError: string | null
}

async function write(name: string, values: Record<string, unknown>): Promise<void> {
  await runAsPlatform(async () => await centralDb()('schedule_marks').insert({ name, ...values }).onConflict('name').merge(values))
}

/** Runs one turn of a schedule between its marks. An error is marked and thrown on. */
export async function marked<T>(name: string, run: () => Promise<T>): Promise<T> {
  await write(name, { last_started_at: clock.real() })
  try {
    const result = await run()
    await write(name, { last_success_at: clock.real() })
    return result
  } catch (error) {
    await write(name, { last_error_at: clock.real(), last_error: String(error instanceof Error ? error.message : error).slice(0, 500) })
    throw error
  }
}

export async function scheduleMarks(): Promise<ScheduleMark[]> {
  type Row = { name: string; last_started_at: Date | null; last_success_at: Date | null; last_error_at: Date | null; last_error: string | null }
  const rows = await runAsPlatform(async () => await centralDb()('schedule_marks').orderBy('name') as Row[])
  return rows.map((row) => ({ name: row.name, lastStartedAt: row.last_started_at, lastSuccessAt: row.last_success_at, lastErrorAt: row.last_error_at, lastError: row.last_error }))
}

/** Three turns and five minutes without success: late. `firstSeen` stands in for schedules that never ran. */
export function isLate(mark: ScheduleMark | undefined, everyMs: number, firstSeen: Date, now: Date): boolean {
  const good = mark?.lastSuccessAt ?? firstSeen
  return now.getTime() - good.getTime() > everyMs * 3 + 5 * 60_000
}
