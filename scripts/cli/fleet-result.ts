/** Ends a fleet command: the failures, one closing line, and the exit code. */
import type { FleetSummary } from '../../shared/tenancy/fleet-report.js'
import { exit } from './exit-codes.js'
import { failureText } from './progress.js'
import type { GlobalFlags } from './options.js'
import { bold, green, print, printJson, red, say, yellow } from './terminal.js'

/** `a, b, c, d, e and 2 more`. */
export function fiveOf(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

export function exitOf(summary: FleetSummary): number {
  if (summary.outcome === 'nothing-matched') return exit.nothing
  if (summary.failed) return exit.failed
  if (summary.unreachable) return exit.temporary
  if (summary.outcome === 'interrupted') return exit.interrupted
  return summary.outcome === 'stopped' ? exit.failed : exit.ok
}

const asJson = (s: FleetSummary): object => ({
  v: 1, outcome: s.outcome, ...(s.reason ? { reason: s.reason } : {}), matched: s.matched, total: s.total, done: s.done, failed: s.failed, unreachable: s.unreachable, left: s.left, ms: s.ms, head: s.head, run: s.runId,
  tenants: s.results.map((r) => ({ tenant: r.tenant, status: r.status, from: r.from, to: r.to, ms: Math.round(r.ms), ...(r.failure ? { failure: r.failure } : {}) })),
})

function closing(s: FleetSummary, verb: string): string {
  if (s.outcome === 'nothing-matched') return yellow('No tenant matched. See: ezscale tenants list')
  if (s.outcome === 'up-to-date') return green(`Nothing to do: ${s.matched} ${s.matched === 1 ? 'tenant is' : 'tenants are'} at ${s.head ?? 'the beginning'}.`)
  const bad = s.results.filter((r) => r.status !== 'done').map((r) => r.tenant)
  const done = `${s.done} of ${s.total} done in ${(s.ms / 1000).toFixed(1)} s`
  if (!bad.length && !s.left) return green(`${verb}: ${done}.`)
  const left = s.left ? ` ${s.left} not begun${s.reason ? ` (${s.reason})` : ''}.` : ''
  return red(`${verb}: ${done}.${left}${bad.length ? ` Failed: ${fiveOf(bad)}` : ''}`)
}

/** `again` is the command that goes on. */
export function tell(summary: FleetSummary, flags: GlobalFlags, verb: string, again: string): number {
  for (const r of summary.results) if (r.status !== 'done') say(failureText(r))
  if (flags.json) printJson(asJson(summary))
  else if (!flags.ndjson && summary.total) for (const r of summary.results) if (r.status === 'done' && summary.total <= 20) print(`${r.tenant}  ${r.to ?? '–'}  ${r.detail.join(', ')}`)
  if (summary.left || summary.unreachable) say(`Go on with: ${bold(again)}`)
  say(closing(summary, verb))
  return exitOf(summary)
}
