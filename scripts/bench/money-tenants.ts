/** Shops for the money figures: real tenant databases in a central database of this run, filled by raw SQL. */
import { adminConnection } from '../../shared/database/servers.js'
import { quoteName } from '../../shared/database/migration-connection.js'
import { openAdmin } from '../../shared/database/migration-connection.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import { plugDirectory } from '../../shared/tenancy/directory.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'
import { dropRun, makeCentral, makeTestTenant, setClock, useOwnNames } from '../../shared/testing/world.js'
import { newSubscription } from '../../tenant/testing/subscription-world.js'

export interface Shops {
  readonly tenants: readonly Tenant[]
  end(): Promise<void>
}

/** `n` empty shops. Their clock stands at the instant until the end. */
export async function makeShops(n: number, at: string): Promise<Shops> {
  const names = useOwnNames()
  const admin = await openAdmin(1)
  await makeCentral(admin, names.central)
  const directory = new MemoryDirectory()
  const tenants: Tenant[] = []
  for (let i = 1; i <= n; i++) tenants.push(await makeTestTenant(`bench${i}`, i))
  for (const tenant of tenants) directory.put(tenant)
  plugDirectory(directory)
  setClock(at)
  return {
    tenants,
    end: async () => {
      setClock()
      await dropRun(admin, names)
      await admin.end()
    },
  }
}

const columnsOf = async (database: string, table: string): Promise<string[]> => {
  const admin = await adminConnection(1)
  const [rows] = await admin.query(`select column_name as name from information_schema.columns where table_schema = ? and table_name = ? and extra not like '%GENERATED%' order by ordinal_position`, [database, table])
  await admin.end()
  return (rows as Array<{ name: string }>).map((r) => r.name)
}

/** `insert into t (…) select …` with some columns replaced by expressions over `n.n`, for n = from … to. Runs as the tenant. */
export async function multiply(tenant: Tenant, table: string, id: number, [from, to]: readonly [number, number], changes: Readonly<Record<string, string>>): Promise<void> {
  const columns = (await columnsOf(tenant.db.database, table)).filter((c) => c !== 'id' || changes['id'])
  const picked = columns.map((c) => changes[c] ?? `t.${quoteName(c)}`).join(', ')
  const numbers = `with recursive n as (select ${from} as n union all select n + 1 from n where n < ${to})`
  await runInTenant(tenant, async () => {
    await tenantDb().raw(`set max_recursive_iterations = 10000000`).catch(() => tenantDb().raw('set cte_max_recursion_depth = 10000000'))
    await tenantDb().raw(`insert into ${quoteName(table)} (${columns.map(quoteName).join(', ')}) ${numbers} select ${picked} from n, ${quoteName(table)} t where t.id = ${id}`)
  })
}

/** So many customers with one paid monthly subscription each, whose second month is not billed yet. Their ids. */
export async function fillSubscriptions(tenant: Tenant, count: number): Promise<number[]> {
  const made = await runInTenant(tenant, () => newSubscription({ price: '10.00' }))
  const [first, last] = [made.userId + 1, made.userId + count]
  await multiply(tenant, 'users', made.userId, [first, last], { id: 'n.n', public_id: `lpad(n.n, 20, 'u')`, email: `concat('c', n.n, '@example.com')` })
  await multiply(tenant, 'subscriptions', made.subscription.id, [first, last], { public_id: `lpad(n.n, 20, 's')`, user_id: 'n.n' })
  return Array.from({ length: count }, (_v, i) => first + i)
}
