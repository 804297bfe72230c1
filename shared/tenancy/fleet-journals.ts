/** The journal rows of many members of a fleet, written together: one transaction a server instead of one a tenant, beside the visits. */
import type { FleetConnections, Visited } from './fleet-step.js'
import type { FleetMember } from './ledger.js'

/** A visit whose journal row is still to be written. */
export interface Unwritten { readonly member: FleetMember; readonly visited: Visited & { readonly row: string } }
export interface Refused { readonly member: FleetMember; readonly visited: Visited; readonly error: unknown }

/** Writes them, each server's at once. Answers those that their server refused: what their files did is there, their journals do not say so. */
export async function writeRows(rows: readonly Unwritten[], connections: FleetConnections): Promise<Refused[]> {
  const servers = new Map<number, Unwritten[]>()
  for (const one of rows) servers.set(one.member.serverId, [...(servers.get(one.member.serverId) ?? []), one])
  return (await Promise.all([...servers].map(([serverId, theirs]) => writeAt(serverId, theirs, connections)))).flat()
}

async function writeAt(serverId: number, rows: readonly Unwritten[], connections: FleetConnections): Promise<Refused[]> {
  try {
    const connection = await connections.aside(serverId)
    await connection.query(`start transaction;\n${rows.map(({ visited }) => visited.row).join(';\n')};\ncommit`)
    return []
  } catch {
    connections.dropAside(serverId)
  }
  // One of them stands for all that fail with it: each by itself says which.
  const refused: Refused[] = []
  for (const { member, visited } of rows) {
    try {
      await (await connections.aside(serverId)).query(visited.row)
    } catch (error) {
      connections.dropAside(serverId)
      refused.push({ member, visited, error })
    }
  }
  return refused
}
