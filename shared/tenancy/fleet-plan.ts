/** What a command over the fleet would do, tenant by tenant: read from ledger and journals, without a lock and without changing anything. */
import { readBundle, reversible } from '../database/migration-bundle.js'
import { pendingOf, readJournal, type JournalRow } from '../database/migration-journal.js'
import type { FleetOptions } from './fleet-run.js'
import { FleetConnections } from './fleet-step.js'
import { fanOut } from './fleet-visit.js'
import { fleetView, type FleetMember, type FleetView } from './ledger.js'

export interface PlannedFile { readonly name: string; readonly sql: readonly string[] }

export interface PlannedMember {
  readonly tenant: string
  readonly from: string | null
  /** In the order in which they would run. */
  readonly files: readonly PlannedFile[]
  /** Why it would be refused. */
  readonly problem?: string
}

export interface FleetPlan { readonly matched: number; readonly members: readonly PlannedMember[] }

/** Reads every member's journal; `files` throws what would refuse the member. */
async function lookAll(view: FleetView, options: FleetOptions, files: (journal: readonly JournalRow[]) => readonly PlannedFile[]): Promise<FleetPlan> {
  const connections = new FleetConnections('admin')
  const members: PlannedMember[] = []
  const look = async (member: FleetMember, worker: number): Promise<void> => {
    const facts = { tenant: member.slug, from: member.head }
    try {
      members.push({ ...facts, files: files(await readJournal(await connections.to(member, worker))) })
    } catch (error) {
      connections.drop(member, worker)
      members.push({ ...facts, files: [], problem: (error as Error).message })
    }
  }
  await fanOut(view.members, look, { concurrency: options.concurrency ?? 4, signal: options.signal })
  await connections.end()
  return { matched: view.matched, members: members.sort((a, b) => (a.tenant < b.tenant ? -1 : 1)) }
}

/** What migrateFleet would do. */
export async function planFleet(options: FleetOptions): Promise<FleetPlan> {
  const bundle = options.bundle ?? readBundle('tenant')
  return lookAll(await fleetView(options.selection, bundle, true), options, (journal) =>
    pendingOf(bundle, journal, options.allow).map(({ file, from }) => ({ name: file.name, sql: file.up.slice(from) })))
}

/** What rollbackFleet would do: the last `count` files of each journal, newest first, each with its "-- down" part. */
export async function planRollback(options: FleetOptions & { readonly count: number }): Promise<FleetPlan> {
  const bundle = options.bundle ?? readBundle('tenant')
  const { matched, members } = await lookAll(await fleetView({ ...options.selection, withoutPool: true }, bundle), options, (journal) =>
    journal.slice(-options.count).reverse().map(({ name }) => ({ name, sql: reversible(bundle, name).down })))
  return { matched, members: members.filter((m) => m.files.length > 0 || m.problem) }
}
