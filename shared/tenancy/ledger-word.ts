/** Whether the ledger's word still holds in the tenants themselves: a database put back from a backup is behind what central believes. */
import { hashOf, type Bundle } from '../database/migration-bundle.js'
import type { AdminConnection } from '../database/migration-connection.js'
import { journalHeads } from '../database/migration-journal.js'
import type { FleetMember } from './ledger.js'

/** Journals asked in one round trip. Reading one row there costs as much as a third of an instant ALTER when it is asked beside it; asked together, next to nothing. */
const together = 25

interface Chunk { readonly members: FleetMember[]; next: Chunk | null; answer: Promise<Map<string, number>> | null }

export class LedgerWord {
  private readonly believed: ReadonlyMap<string, number>
  private readonly chunks = new Map<FleetMember, Chunk>()
  /** Of each server. */
  private readonly first = new Map<number, Chunk>()

  /** Members in the order of their visits. */
  constructor(members: readonly FleetMember[], private readonly bundle: Bundle) {
    this.believed = new Map(bundle.files.map((_file, count) => [hashOf(bundle.files, count), count]))
    const last = new Map<number, Chunk>()
    for (const member of members.filter((m) => this.count(m) > 0)) {
      let chunk = last.get(member.serverId)
      if (!chunk || chunk.members.length === together) {
        const fresh: Chunk = { members: [], next: null, answer: null }
        if (chunk) chunk.next = fresh
        else this.first.set(member.serverId, fresh)
        last.set(member.serverId, (chunk = fresh))
      }
      chunk.members.push(member)
      this.chunks.set(member, chunk)
    }
  }

  private count(member: FleetMember): number {
    return member.doubtful ? 0 : (this.believed.get(member.hash ?? '') ?? 0)
  }

  /** A server that refuses (a database is missing, say) leaves the question open: those members are asked one by one. */
  private async ask(chunk: Chunk, connection: AdminConnection): Promise<Map<string, number>> {
    const heads = await journalHeads(connection, chunk.members.map((m) => m.database)).catch(() => new Map<string, never>())
    const holds = (m: FleetMember): boolean => {
      const [file, row] = [this.bundle.files[this.count(m) - 1], heads.get(m.database)]
      return row?.status === 'done' && row.name === file?.name && row.checksum === file.checksum
    }
    return new Map(chunk.members.filter(holds).map((m) => [m.database, this.count(m)]))
  }

  /** Asks for the first chunk of a server before anybody visits it. */
  begin(connection: AdminConnection, serverId: number): void {
    const chunk = this.first.get(serverId)
    if (chunk) chunk.answer ??= this.ask(chunk, connection)
  }

  /** How many files have run there for certain; 0 when its journal must be read. The first one of a chunk to be visited asks for the next chunk too, so that nobody waits. */
  async of(member: FleetMember, connection: AdminConnection): Promise<number> {
    const chunk = this.chunks.get(member)
    if (!chunk) return 0
    chunk.answer ??= this.ask(chunk, connection)
    if (chunk.next) chunk.next.answer ??= this.ask(chunk.next, connection)
    return (await chunk.answer).get(member.database) ?? 0
  }
}
