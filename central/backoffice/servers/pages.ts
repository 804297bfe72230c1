/** What the desk shows of a reseller's own servers, and of the platform's that stand behind them. */
import { centralDb } from '../../../shared/database/central-database.js'
import type { ConnectionRow } from '../../providers/connection.js'
import { presentConnection } from '../../providers/present-connection.js'
import type { Desk } from '../desk.js'

export async function serverList(desk: Desk): Promise<object> {
  const rows = (await centralDb()('provider_connections').where({ tenant_id: desk.tenantId }).orderByRaw('failing_since is null').orderBy('label').orderBy('id')) as ConnectionRow[]
  const regions = (await centralDb()('provider_connections').whereNull('tenant_id').where({ status: 'active' }).whereNotNull('region').distinct('region').orderBy('region').pluck('region')) as string[]
  return {
    servers: rows.map((row) => ({ ...presentConnection(row), href: `${desk.base}/servers/${row.name}`, owner: null, orphans: 0 })),
    mayChange: desk.role !== 'support', regions: regions.join(', '),
  }
}
