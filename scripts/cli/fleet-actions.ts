/** What `tenants migrate|resume|rollback|repair|drift` do. Loaded only when one of them runs. */
import { driftOfFleet } from '../../shared/tenancy/fleet-drift.js'
import { sayDrift } from '../../shared/tenancy/drift.js'
import { migrateFleet, repairFleet, resumeFleet, rollbackFleet } from '../../shared/tenancy/fleet.js'
import { planFleet, planRollback, type FleetPlan } from '../../shared/tenancy/fleet-plan.js'
import { connect, stopSignal } from './command.js'
import { exit } from './exit-codes.js'
import { fiveOf, tell } from './fleet-result.js'
import { bundleOf, fleetOptions, selectionOf, type FleetFlags, type SelectionFlags } from './options.js'
import { progress } from './progress.js'
import { checkNames } from './tenant-rows.js'
import { confirm, counted, green, print, printJson, red, say, yellow } from './terminal.js'

async function connectFor(flags: SelectionFlags): Promise<void> {
  selectionOf(flags)
  await connect()
  await checkNames(flags)
}

/** The same selection, for the command that goes on. */
const flagsAgain = (f: FleetFlags): string => [f.only ? `--only ${f.only.join(',')}` : '--all', ...(f.except ? [`--except ${f.except.join(',')}`] : []), ...(f.migrations ? [`--migrations ${f.migrations}`] : [])].join(' ')

function showPlan({ matched, members }: FleetPlan, flags: FleetFlags): number {
  if (flags.json) printJson({ v: 1, matched, tenants: members })
  else if (flags.ndjson) for (const m of members) print(JSON.stringify(m))
  else {
    for (const m of members) {
      print(`${m.tenant}: ${m.problem ? `would be refused: ${m.problem}` : `from ${m.from ?? 'nothing'}`}`)
      for (const file of m.files) print(`  ${file.name}\n${file.sql.map((s) => `    ${s.replace(/\n/g, '\n    ')};`).join('\n')}`)
    }
  }
  say(matched || members.length ? `${members.length} of ${matched} would change. Nothing was done.` : yellow('No tenant matched. See: ezscale tenants list'))
  return matched || members.length ? exit.ok : exit.nothing
}

export async function migrate(flags: FleetFlags): Promise<number> {
  await connectFor(flags)
  if (flags.dryRun) return showPlan(await planFleet(fleetOptions(flags, stopSignal())), flags)
  return tell(await migrateFleet(fleetOptions(flags, stopSignal()), progress(flags.ndjson ?? false)), flags, 'Migrated', `ezscale tenants resume ${flagsAgain(flags)}`)
}

export async function resume(flags: FleetFlags): Promise<number> {
  await connectFor(flags)
  if (flags.dryRun) return showPlan(await planFleet(fleetOptions({ ...flags, allow: [...(flags.allow ?? []), 'half-done'] }, stopSignal())), flags)
  return tell(await resumeFleet(fleetOptions(flags, stopSignal()), progress(flags.ndjson ?? false)), flags, 'Resumed', `ezscale tenants resume ${flagsAgain(flags)}`)
}

export async function repair(flags: FleetFlags & { acceptChanged?: boolean; behind?: boolean }): Promise<number> {
  await connectFor(flags)
  const options = { ...fleetOptions(flags, stopSignal()), dryRun: flags.dryRun ?? false, acceptChanged: flags.acceptChanged ?? false, every: !flags.behind }
  const summary = await repairFleet(options, progress(flags.ndjson ?? false))
  const found = summary.results.filter((r) => r.detail.length)
  if (!flags.json && !flags.ndjson) for (const r of found) print(`${r.tenant}: ${r.detail.join('; ')}`)
  say(`${found.length} of ${summary.total} had something to repair${flags.dryRun ? '; nothing was done' : ''}.`)
  return tell({ ...summary, results: summary.results.map((r) => ({ ...r, detail: r.status === 'done' ? [] : r.detail })) }, flags, 'Looked at', `ezscale tenants repair ${flagsAgain(flags)}`)
}

export async function rollback(flags: FleetFlags & { steps: number }): Promise<number> {
  await connectFor(flags)
  const options = { ...fleetOptions(flags, stopSignal()), count: flags.steps }
  if (flags.dryRun) return showPlan(await planRollback(options), flags)
  await confirm(`Take back the last ${flags.steps === 1 ? 'migration' : `${flags.steps} migrations`} of ${flags.only ? flags.only.join(', ') : 'every selected tenant'}? What those tables and columns hold is lost.`, flags.yes ?? false)
  return tell(await rollbackFleet(options, progress(flags.ndjson ?? false)), flags, 'Rolled back', `ezscale tenants repair ${flagsAgain(flags)}`)
}

export async function drift(flags: SelectionFlags & { concurrency: number; migrations?: string }): Promise<number> {
  await connectFor(flags)
  const { matched, reports } = await driftOfFleet(selectionOf(flags), { bundle: bundleOf(flags), concurrency: flags.concurrency, signal: stopSignal() })
  const bad = reports.filter((r) => r.findings.length)
  const errors = reports.filter((r) => r.error)
  if (flags.json) printJson(reports)
  else if (flags.ndjson) for (const r of reports) print(JSON.stringify(r))
  else for (const r of bad) print(`${r.tenant}\n${r.findings.map((f) => `  ${sayDrift(f)}`).join('\n')}`)
  for (const r of errors) say(red(`${r.tenant}: ${r.error}`))
  const behind = reports.filter((r) => r.behind).length
  if (behind) say(yellow(`${behind} behind: not compared. Migrate them first.`))
  if (!matched) say(yellow('No tenant matched. See: ezscale tenants list'))
  else say(bad.length ? red(`Drift in ${bad.length} of ${matched}: ${fiveOf(bad.map((r) => r.tenant))}`) : green(`No drift in ${counted(matched - behind - errors.length, 'tenant')}.`))
  return !matched ? exit.nothing : bad.length ? exit.drift : errors.length ? exit.failed : exit.ok
}
