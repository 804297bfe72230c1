/** `doctor`: is this machine and its database fit to run the platform? Each line is ok, warn or fail, with what to do. */
import { config } from '../../shared/config.js'
import { databaseChecks } from './doctor-database.js'
import { machineChecks } from './doctor-machine.js'
import { exit } from './exit-codes.js'
import type { GlobalFlags } from './options.js'
import { counted, green, print, printJson, red, say, yellow } from './terminal.js'

const marks = { ok: green('✔'), warn: yellow('!'), fail: red('✘') }

export async function doctor(flags: GlobalFlags): Promise<number> {
  config()
  const checks = [...(await machineChecks()), ...(await databaseChecks())]
  if (flags.json) printJson(checks)
  else if (flags.ndjson) for (const c of checks) print(JSON.stringify(c))
  else for (const c of checks) print(`${marks[c.status]} ${c.check.padEnd(28)} ${c.detail}${c.fix ? `\n    → ${c.fix}` : ''}`)
  const bad = checks.filter((c) => c.status === 'fail')
  const warnings = checks.filter((c) => c.status === 'warn').length
  say(bad.length ? red(`${bad.length} of ${counted(checks.length, 'check')} failed, ${counted(warnings, 'warning')}.`) : green(`${counted(checks.length, 'check')}, ${counted(warnings, 'warning')}, nothing failed.`))
  return bad.some((c) => c.temporary) ? exit.temporary : bad.length ? exit.failed : exit.ok
}
