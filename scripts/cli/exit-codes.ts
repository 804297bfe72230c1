/** What our exit codes mean, and which one an error gets. */
import { CommanderError } from 'commander'
import { errnoOf, isUnreachable } from '../../shared/database/migration-errors.js'
import { FormErrors, NotFound, OutsideError } from '../../shared/errors.js'

export const exit = { ok: 0, failed: 1, usage: 2, locked: 3, drift: 4, nothing: 5, temporary: 75, config: 78, interrupted: 130 } as const

export const exitHelp = `
Exit codes:
  0    all well
  1    some tenants failed, or the command was refused
  2    usage: unknown command, wrong option, missing confirmation
  3    another fleet run holds the lock
  4    drift: a live schema is not what the migrations say
  5    nothing matched the selection, or a name in it is unknown; nothing was done
  75   temporary: a database does not answer; try again later
  78   configuration: see .env.example
  130  interrupted; the tenants at work were finished`

/** The person asked for something that cannot be: wrong words rather than a failure. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** No tenant, or nothing else, is what the person named. */
export class NothingMatched extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NothingMatched'
  }
}
export const noTenant = (slug: string): NothingMatched => new NothingMatched(`There is no tenant "${slug}". See: ezscale tenants list`)

const accessDenied = 1045
const noDatabase = 1049
const noTable = 1146

/** Every cause of an error, outermost first. */
function* causes(error: unknown): Generator<unknown> {
  for (let e = error; e; e = (e as { cause?: unknown }).cause) yield e
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage
  // By name: loading their modules would make every --help wait for them.
  if (error instanceof Error && error.name === 'ConfigError') return exit.config
  if (error instanceof Error && error.name === 'FleetBusy') return exit.locked
  if (error instanceof UsageError || error instanceof FormErrors) return exit.usage
  if (error instanceof NotFound || error instanceof NothingMatched) return exit.nothing
  for (const cause of causes(error)) {
    if ([accessDenied, noDatabase, noTable].includes(errnoOf(cause))) return exit.config
    if (isUnreachable(cause) || (cause instanceof OutsideError && cause.retryable)) return exit.temporary
  }
  return exit.failed
}

/** One or two lines for a person: what happened, and what to do. */
export function sayError(error: unknown): string {
  if (error instanceof FormErrors) return Object.entries(error.fields).map(([field, text]) => `${field}: ${text}`).join('\n')
  const chain = [...causes(error)]
  const numbers = chain.map(errnoOf)
  const message = chain.map((e) => (e instanceof Error ? e.message : String(e))).find((m) => m !== '') ?? 'unknown error'
  if (numbers.includes(noDatabase) || numbers.includes(noTable)) return `${message}\nThe central database is not ready. Run: ezscale central migrate`
  if (numbers.includes(accessDenied)) return `${message}\nCheck the user and the password in DATABASE_URL.`
  const refused = chain.find((e) => isUnreachable(e)) as { address?: string; port?: number; code?: string } | undefined
  if (refused) return `The database does not answer${refused.address ? ` at ${refused.address}:${refused.port}` : ''} (${refused.code ?? message}). Check that it runs, and DATABASE_URL.`
  return message
}
