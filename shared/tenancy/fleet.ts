/**
 * Commands over the whole fleet: migrate, resume, repair, roll back. One failing tenant never stops the rest unless told so.
 * The plan comes from the central ledger in one query; when nobody is behind, that query is all that happens.
 * What each tenant has is in its own journal, so a run may be killed at any moment and repeated.
 */
import { readBundle, type Bundle, type MigrationFile } from '../database/migration-bundle.js'
import type { AdminConnection } from '../database/migration-connection.js'
import { journalHash, readJournal, rowIn } from '../database/migration-journal.js'
import { repairJournal } from '../database/migration-repair.js'
import { applyPending, rollbackLast } from '../database/migrator.js'
import { FleetRun, type FleetOptions } from './fleet-run.js'
import type { Acted, Action } from './fleet-step.js'
import { LedgerWord } from './ledger-word.js'
import { fleetView, type FleetMember, type FleetView } from './ledger.js'
import type { FleetSummary, Reporter } from './fleet-report.js'

async function over(what: string, view: FleetView, action: Action, options: FleetOptions, reporter: Reporter): Promise<FleetSummary> {
  const bundle = options.bundle ?? readBundle('tenant')
  const run = new FleetRun(what, view, action, options, reporter)
  if (!view.matched && !view.members.length) return run.summary('nothing-matched', bundle)
  if (!view.members.length) return run.summary('up-to-date', bundle)
  return run.work(bundle)
}

/** What an interrupted run may have left is looked at before anything runs. */
async function settleDoubt(connection: AdminConnection, member: FleetMember, bundle: Bundle, enter: string): Promise<string[]> {
  await connection.query(enter)
  const found = await repairJournal(connection, bundle, { doubtful: member.doubtful })
  return found.map((f) => `${f.file}: ${f.found}, ${f.action}`)
}

function applying(view: FleetView, bundle: Bundle, options: FleetOptions, always: boolean): Action {
  const word = new LedgerWord(options.as === 'tenant' ? [] : view.members, bundle)
  const apply = async (connection: AdminConnection, member: FleetMember, enter: string): Promise<Acted> => {
    const known = await word.of(member, connection)
    const repaired = !known && (always || member.doubtful) ? await settleDoubt(connection, member, bundle, enter) : []
    let row: string | undefined
    const keepRow = (file: MigrationFile, began: Date, ended: Date): void => void (row = rowIn(member.database, file, began, ended))
    const { applied, head, hash } = await applyPending(connection, bundle, { allow: options.allow ?? [], known, marked: true, keepRow, enter })
    return { detail: [...repaired, ...applied], to: head, hash, ...(row ? { row } : {}) }
  }
  return Object.assign(apply, { sendsEnter: true, ready: (connection: AdminConnection, serverId: number) => word.begin(connection, serverId) })
}

/** Brings every selected tenant that is behind to the head. Throws FleetBusy. */
export async function migrateFleet(options: FleetOptions, reporter: Reporter = {}): Promise<FleetSummary> {
  const bundle = options.bundle ?? readBundle('tenant')
  const view = await fleetView(options.selection, bundle, true)
  return over('migrate', view, applying(view, bundle, options, false), options, reporter)
}

/** As migrateFleet, and first sets right what a crash interrupted, also where the journal alone says so. Does only what is left. */
export async function resumeFleet(options: FleetOptions, reporter: Reporter = {}): Promise<FleetSummary> {
  const bundle = options.bundle ?? readBundle('tenant')
  const view = await fleetView(options.selection, bundle, true)
  return over('resume', view, applying(view, bundle, options, true), options, reporter)
}

/** Looks at half-done files, sets the journals right and tells the ledger what each tenant really has. Runs no migration. */
export async function repairFleet(options: FleetOptions & { dryRun?: boolean; acceptChanged?: boolean; every?: boolean }, reporter: Reporter = {}): Promise<FleetSummary> {
  const bundle = options.bundle ?? readBundle('tenant')
  const view = await fleetView(options.selection, bundle, !options.every)
  return over('repair', view, async (connection, member) => {
    const found = await repairJournal(connection, bundle, { ...options, doubtful: member.doubtful })
    const journal = await readJournal(connection)
    const to = journal.filter((r) => r.status === 'done').at(-1)?.name ?? null
    return { detail: found.map((f) => `${f.file}: ${f.found}, ${f.action}`), to, ...(options.dryRun ? {} : { hash: journalHash(journal) }) }
  }, options, reporter)
}

/** Takes back the last `count` files of every selected tenant that has them. */
export async function rollbackFleet(options: FleetOptions & { count: number }, reporter: Reporter = {}): Promise<FleetSummary> {
  const bundle = options.bundle ?? readBundle('tenant')
  const view = await fleetView({ ...options.selection, withoutPool: true }, bundle)
  return over('rollback', view, async (connection) => {
    const detail = await rollbackLast(connection, bundle, options.count)
    const journal = await readJournal(connection)
    return { detail, to: journal.at(-1)?.name ?? null, hash: journalHash(journal) }
  }, options, reporter)
}
