/** Counts what a piece of work asks the tenant's database, so that a page that grows a query a row is noticed. */
import { tenantDb } from '../database/tenant-database.js'

interface Emitter { on(event: 'query', listener: (sent: { sql: string }) => void): void; removeListener(event: 'query', listener: (sent: { sql: string }) => void): void }

/** Runs `work` in the current tenant; answers the statements that left meanwhile, in order, those of transactions included. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const client = tenantDb().client as Emitter
  const sent: string[] = []
  const note = ({ sql }: { sql: string }): void => void sent.push(sql)
  client.on('query', note)
  try {
    await work()
  } finally {
    client.removeListener('query', note)
  }
  return sent
}
