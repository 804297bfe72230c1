/** A month's end over many runs, beside a raw client that does no more than the database work. */
import { quoteName } from '../../shared/database/migration-connection.js'
import { adminConnection } from '../../shared/database/servers.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { clock } from '../../shared/time/clock.js'
import { closeEndedMonths } from '../../tenant/billing/usage/close-month.js'
import { registerKasm } from '../../tenant/kasm/driver.js'
import { megabytes, timed } from './measure.js'
import { makeShops } from './money-tenants.js'
import { connect } from './one-server.js'
import { fillRuns, fillWorkspaces } from './workspace-tenants.js'

export interface MonthEndFigures {
  /** Runs a second, and the time ÷ that of a raw client that reads the same runs and writes the same slices. */
  readonly runsPerSecond: number
  readonly ratio: number
  readonly memory: number
}

/** Tenants may not change their schema: the administrator does it. */
async function makeTable(tenant: Tenant, table: string): Promise<void> {
  const admin = await adminConnection(1)
  await admin.query(`create table ${quoteName(tenant.db.database)}.${table}`)
  await admin.end()
}

/** The same rows read and the same slices written, without lines, rounding, taxes or ledger; then undone. */
async function rawMonth(tenant: Tenant, userIds: readonly number[]): Promise<void> {
  const client = await adminConnection(1)
  await client.query(`use ${quoteName(tenant.db.database)}`)
  for (const userId of userIds) {
    await client.query('start transaction')
    const [rows] = await client.query('select k.* from kasm_usage_sessions k join kasm_workspaces w on w.id = k.kasm_workspace_id where w.user_id = ?', [userId])
    const runs = rows as Array<{ id: number; duration_billable_seconds: number }>
    for (let from = 0; from < runs.length; from += 500) {
      const part = runs.slice(from, from + 500)
      await client.query('insert into bench_slices (session_id, seconds) values ?', [part.map((r) => [r.id, r.duration_billable_seconds])])
      await client.query('update kasm_usage_sessions set updated_at = ? where id in (?)', [clock.now(), part.map((r) => r.id)])
    }
    await client.query('rollback')
  }
  await client.end()
}

export async function benchMonthEnd({ runs, customers, say }: { runs: number; customers: number; say: (text: string) => void }): Promise<MonthEndFigures> {
  const shops = await makeShops(1, '2027-02-10T09:00:00.000Z')
  const tenant = shops.tenants[0]!
  try {
    say(`making a shop with ${customers} customers and ${runs} runs`)
    registerKasm()
    connect('http://127.0.0.1:9')
    const filled = await fillWorkspaces(tenant, 0, customers)
    await fillRuns(tenant, filled, runs / customers, '2027-01-01T00:10:00.000Z')
    await makeTable(tenant, 'bench_slices (session_id bigint primary key, seconds bigint)')
    const users = Array.from({ length: customers }, (_v, i) => filled.firstUser + i)
    const sample = users.slice(0, Math.min(customers, 50))
    const raw = (await timed(() => rawMonth(tenant, sample))) / sample.length
    const before = megabytes()
    const ms = await timed(() => runInTenant(tenant, async () => {
      for (const userId of users) await closeEndedMonths(userId)
    }))
    const billed = await runInTenant(tenant, async () => Number(((await tenantDb()('kasm_billed_slices').count({ n: '*' }).first()) as { n: number | string }).n))
    if (billed !== runs) throw new Error(`${billed} of ${runs} runs were billed.`)
    say(`${runs} runs billed: ${((runs * 1000) / ms).toFixed(0)} a second, ${(ms / customers / raw).toFixed(2)} of a raw client`)
    return { runsPerSecond: (runs * 1000) / ms, ratio: ms / customers / raw, memory: megabytes() - before }
  } finally {
    say('dropping the shop')
    await shops.end()
  }
}
