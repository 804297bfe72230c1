/** Database servers that tenants may live on. Server 1 is the one of DATABASE_URL; others are added by ops and open their sealed password here. */
import { config } from '../shared/config.js'
import { centralDb } from '../shared/database/central-database.js'
import { registerServer, serverFromUrl } from '../shared/database/servers.js'
import { seal, unseal } from '../shared/security/encryption.js'
import { clock } from '../shared/time/clock.js'
import { asCentral } from '../shared/tenancy/as-central.js'

interface ServerRow { id: number; name: string; host: string; port: number; admin_user: string; admin_password_sealed: string | null }
const place = (name: string) => `central:database_servers:admin_password:${name}`

/** Tells this process of every server in `database_servers`. */
export async function registerKnownServers(): Promise<void> {
  const rows = await asCentral(async () => (await centralDb()('database_servers')) as ServerRow[])
  for (const row of rows) {
    const first = serverFromUrl(config().DATABASE_URL, 1, row.name)
    if (row.id === 1) registerServer(first)
    else registerServer({ id: row.id, name: row.name, host: row.host, port: row.port, adminUser: row.admin_user, adminPassword: row.admin_password_sealed ? unseal(row.admin_password_sealed, place(row.name)) : '' })
  }
}

/** The row of the first server, made when missing. Its password stays in the configuration. */
export async function ensureFirstServer(): Promise<void> {
  const { host, port, adminUser } = serverFromUrl(config().DATABASE_URL, 1, 'first')
  const now = clock.real()
  await asCentral(async () => {
    await centralDb()('database_servers').insert({ id: 1, name: 'first', host, port, admin_user: adminUser, created_at: now, updated_at: now }).onConflict('id').merge({ host, port, admin_user: adminUser, updated_at: now })
  })
}

/** Adds a server for tenants to come. */
export async function addServer(server: { name: string; url: string; maxTenants?: number }): Promise<void> {
  const { host, port, adminUser, adminPassword } = serverFromUrl(server.url, 0, server.name)
  const now = clock.real()
  await asCentral(async () => {
    await centralDb()('database_servers').insert({
      name: server.name, host, port, admin_user: adminUser, admin_password_sealed: seal(adminPassword, place(server.name)), max_tenants: server.maxTenants ?? 5000, created_at: now, updated_at: now,
    })
  })
  await registerKnownServers()
}
