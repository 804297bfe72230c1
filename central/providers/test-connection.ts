/** "Test connection": asks a server what it permits, outside of the rate limit because a person waits. Changes nothing there; its health takes note. */
import { openKasm } from '../../tenant/kasm/provider/open-kasm.js'
import type { ProbeReport } from '../../tenant/kasm/provider/probe-report.js'
import { connectionOf, powerPaths, settingsOf, type ConnectionRow } from './connection.js'
import { noteProvider } from './health.js'

export interface TestResult extends ProbeReport {
  /** Whether the paths that were found are the ones in use. */
  readonly adopted: boolean
}

export async function testConnection(row: ConnectionRow): Promise<TestResult> {
  const report = await openKasm(connectionOf(row)).probe()
  const broken = report.problem && report.problem.code !== 'missing-permissions' ? report.problem : null
  await noteProvider(row.id, broken ? { ok: false, code: broken.code, error: broken.message } : { ok: true, ...(report.sessions === null ? {} : { sessions: report.sessions }) })
  const used = powerPaths(settingsOf(row))
  const adopted = (['stop', 'pause', 'resume'] as const).every((power) => used[power] === report.power[power])
  return { ...report, adopted }
}
