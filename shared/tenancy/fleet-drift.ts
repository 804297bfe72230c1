/** Looks at the live schema of every selected tenant. Changes nothing and takes no lock. */
import { readBundle, type Bundle } from '../database/migration-bundle.js'
import { compareSchemas, readSchema, type DriftFinding, type SchemaFacts } from './drift.js'
import { FleetConnections } from './fleet-step.js'
import { fanOut, type FanOptions } from './fleet-visit.js'
import { fleetView, type FleetMember, type Selection } from './ledger.js'
import { withReplay } from './snapshot.js'

export interface DriftReport {
  readonly tenant: string
  /** Tenants that are behind differ by nature; they are told apart instead of compared. */
  readonly behind: boolean
  readonly findings: readonly DriftFinding[]
  /** Why it could not be looked at. */
  readonly error?: string
}

/** Reports of all selected tenants, in order of slug; `findings` empty = all well. The expected schema is built once on each server. */
export async function driftOfFleet(selection: Selection, options: FanOptions & { bundle?: Bundle } = {}): Promise<{ matched: number; reports: DriftReport[] }> {
  const bundle = options.bundle ?? readBundle('tenant')
  const { matched, members } = await fleetView({ ...selection, withoutPool: true }, bundle)
  const expected = new Map<number, Promise<SchemaFacts>>()
  const expectedOn = (serverId: number): Promise<SchemaFacts> => {
    const known = expected.get(serverId) ?? withReplay(serverId, bundle, readSchema)
    expected.set(serverId, known)
    return known
  }
  const connections = new FleetConnections('admin')
  const reports: DriftReport[] = []
  const look = async (member: FleetMember, worker: number): Promise<void> => {
    const facts = { tenant: member.slug, behind: member.behind }
    try {
      const findings = member.behind ? [] : compareSchemas(await expectedOn(member.serverId), await readSchema(await connections.to(member, worker), member.database))
      reports.push({ ...facts, findings })
    } catch (error) {
      connections.drop(member, worker)
      reports.push({ ...facts, findings: [], error: (error as Error).message })
    }
  }
  await fanOut(members, look, options)
  await connections.end()
  return { matched, reports: reports.sort((a, b) => (a.tenant < b.tenant ? -1 : 1)) }
}
