/** Options that several commands share, spelt alike everywhere. */
import { InvalidArgumentError, type Command } from 'commander'
import { readBundle, type Bundle } from '../../shared/database/migration-bundle.js'
import type { FleetOptions } from '../../shared/tenancy/fleet-run.js'
import type { Selection } from '../../shared/tenancy/ledger.js'
import type { Mismatch } from '../../shared/database/migration-journal.js'
import { UsageError } from './exit-codes.js'

export interface GlobalFlags { json?: boolean; ndjson?: boolean; yes?: boolean; color?: boolean }
export interface SelectionFlags extends GlobalFlags { all?: boolean; only?: string[]; except?: string[]; behind?: boolean; dropped?: boolean }
export interface FleetFlags extends SelectionFlags {
  canary?: number; concurrency: number; onError: 'stop' | 'continue'; maxFailures?: number; dryRun?: boolean; takeOver?: boolean; allow?: Mismatch[]; as: 'admin' | 'tenant'; migrations?: string
}

const names = (value: string): string[] => value.split(',').map((v) => v.trim()).filter(Boolean)
export const count = (least: number) => (value: string): number => {
  const n = Number(value)
  if (!Number.isInteger(n) || n < least) throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`)
  return n
}
export const oneOf = <T extends string>(...allowed: T[]) => (value: string): T => {
  if (!allowed.includes(value as T)) throw new InvalidArgumentError(`It must be ${allowed.join(' or ')}.`)
  return value as T
}
const mismatches = (value: string): Mismatch[] => names(value).map(oneOf<Mismatch>('late', 'missing', 'changed'))

export function withSelection(command: Command): Command {
  return command
    .option('--all', 'every tenant')
    .option('--only <a,b>', 'these tenants, by short name', names)
    .option('--except <a,b>', 'all but these', names)
}
/** Only for commands that look at it: elsewhere it would be an unknown option rather than every tenant. */
export const withBehind = (command: Command): Command => command.option('--behind', 'only tenants whose schema is behind this version')

export function withFleet(command: Command): Command {
  return withSelection(command)
    .option('--canary <n>', 'do this many first, the rest only when all of them went well', count(1))
    .option('--concurrency <n>', 'tenants at a time', count(1), 4)
    .option('--on-error <stop|continue>', 'what one failure does to the others', oneOf('stop', 'continue'), 'continue')
    .option('--max-failures <n>', 'stop when this many have failed', count(1))
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--take-over', 'take the lock from a run that you know is gone')
    .option('--allow <late,missing,changed>', 'contradictions between journal and files to accept', mismatches)
    .option('--as <admin|tenant>', 'whose account runs the statements', oneOf('admin', 'tenant'), 'admin')
    .option('--migrations <folder>', 'another folder of migrations, for trying them out')
}

/** Commands that change or visit tenants want to be told which. */
export function selectionOf(flags: SelectionFlags): Selection {
  if (flags.all && flags.only) throw new UsageError('--all and --only contradict each other: give one of them.')
  if (!flags.all && !flags.only && !flags.except && !flags.behind) throw new UsageError('Say which tenants: --all, --only a,b or --except a,b.')
  return { ...(flags.only ? { only: flags.only } : {}), ...(flags.except ? { except: flags.except } : {}) }
}

export const bundleOf = (flags: { migrations?: string }): Bundle => (flags.migrations ? readBundle('tenant', flags.migrations) : readBundle('tenant'))

export function fleetOptions(flags: FleetFlags, signal: AbortSignal): FleetOptions {
  return {
    selection: selectionOf(flags), concurrency: flags.concurrency, onError: flags.onError, signal, takeOver: flags.takeOver ?? false, allow: flags.allow ?? [], as: flags.as, bundle: bundleOf(flags),
    ...(flags.canary ? { canary: flags.canary } : {}), ...(flags.maxFailures ? { maxFailures: flags.maxFailures } : {}),
  }
}
