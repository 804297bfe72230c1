/** Which database server a new tenant goes to. */
import { centralRows } from '../database/migration-central.js'
import { Refusal } from '../errors.js'

/**
 * The active server with the fewest tenants that has room. A tenant counts from the moment its row names a server, so two openings at once spread.
 * Throws Refusal `servers.full`. The number of tables a server can hold open is what `max_tenants` stands for.
 */
export async function chooseServer(): Promise<number> {
  const [server] = await centralRows(
    `select s.id, count(t.id) as tenants from database_servers s
     left join tenants t on t.server_id = s.id and t.status <> 'dropped'
     where s.status = 'active' group by s.id, s.max_tenants having count(t.id) < s.max_tenants order by tenants, s.id limit 1`)
  if (!server) throw new Refusal('servers.full', 'No database server has room for another reseller. Add a server, or raise its limit.')
  return Number(server.id)
}
