/** A thousand small tenants made by raw SQL: the tables of one account page, a few rows, an account of their own. */
import type mysql from 'mysql2/promise'
import { adminConnection } from '../../shared/database/servers.js'
import { mac } from '../../shared/security/mac.js'
import { hashToken } from '../../shared/security/token.js'
import { makeTenant, type Tenant } from '../../shared/tenancy/tenant.js'

const engine = 'engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci'
const times = 'created_at datetime(3) not null, updated_at datetime(3) not null'
/** Tables and rows of one tenant; `db` is its quoted schema. */
const schema = (db: string): string => `
  create table ${db}.sessions (id char(64) character set ascii collate ascii_bin not null primary key, subject_kind varchar(16) null, subject_id bigint unsigned null,
    host varchar(253) not null, data json not null, ip varchar(45) null, user_agent varchar(255) null, created_at datetime(3) not null, last_seen_at datetime(3) not null,
    expires_at datetime(3) not null, key sessions_subject (subject_kind, subject_id), key sessions_expires (expires_at)) ${engine};
  create table ${db}.bench_users (id bigint unsigned auto_increment primary key, email varchar(254) not null, name varchar(120) not null, status varchar(16) not null,
    currency char(3) not null, locale varchar(16) not null, time_zone varchar(40) not null, ${times}) ${engine};
  create table ${db}.bench_services (id bigint unsigned auto_increment primary key, user_id bigint unsigned not null, label varchar(120) not null,
    status varchar(16) not null, price_minor bigint not null, ${times}, key (user_id)) ${engine};
  create table ${db}.bench_invoices (id bigint unsigned auto_increment primary key, user_id bigint unsigned not null, number varchar(40) not null,
    status varchar(16) not null, total_minor bigint not null, due_at datetime(3) not null, ${times}, key (user_id, due_at)) ${engine};
  create table ${db}.bench_credits (id bigint unsigned auto_increment primary key, user_id bigint unsigned not null, amount_minor bigint not null, ${times}, key (user_id)) ${engine};`
const now = `'2026-11-01 00:00:00', '2026-11-01 00:00:00'`
/** A visit is written down once a minute; a page that is only read shall not write, on either side. */
const seenLater = 'utc_timestamp(3) + interval 6 hour'
const TOKEN = 's'.repeat(43)
export const hostOf = (n: number): string => `t${n}.localhost`
const list = (n: number, row: (i: number) => string): string => Array.from({ length: n }, (_none, i) => `(${row(i + 1)})`).join(',')
const rows = (db: string, n: number): string => `
  insert into ${db}.sessions values ('${hashToken(TOKEN)}', 'user', 1, '${hostOf(n)}', '{}', '127.0.0.1', 'bench', utc_timestamp(3), ${seenLater}, ${seenLater});
  insert into ${db}.bench_users values (1, 'customer@tenant${n}.example', 'Customer of ${n}', 'active', 'USD', 'en-US', 'Europe/Berlin', ${now});
  insert into ${db}.bench_services values ${list(5, (i) => `${i}, 1, 'Workspace ${i} of ${n}', '${i % 2 ? 'active' : 'suspended'}', ${i * 1500}, ${now}`)};
  insert into ${db}.bench_invoices values ${list(10, (i) => `${i}, 1, 'INV-2026-0000${i}', 'open', ${i * 999}, '2026-11-${10 + i}', ${now}`)};
  insert into ${db}.bench_credits values ${list(3, (i) => `${i}, 1, ${i * 250}, ${now}`)};`

const brand: Tenant['brand'] = {
  companyName: 'Bench Hosting', primaryColor: '#1d4ed8', secondaryColor: '#0f766e', logoUrl: null, faviconUrl: null, supportEmail: 'help@bench.example', supportPhone: null,
  fromEmail: null, fromName: 'Bench Hosting', legalName: 'Bench Hosting Ltd', legalAddress: ['1 Long Road', 'Springfield'], taxId: null, version: '1',
}

/** The n-th tenant of a run. */
export function benchTenant(run: string, n: number): Tenant {
  const name = `${run}${n}`
  return makeTenant({
    id: n, uuid: `${run}-${n}`, generation: 1, slug: name, name: `Tenant ${n}`, status: 'active', house: false, sandbox: false, clockOffsetMs: 0, primaryHost: hostOf(n),
    currency: 'USD', timeZone: 'UTC', locale: 'en-US', brand, db: { serverId: 1, database: name, user: name, password: `p-${n}` },
  })
}

/** The signed-in customer's cookie at that tenant, as shared/http/session.ts gives it over HTTPS. */
export function cookieOf({ uuid, primaryHost }: Tenant): string {
  return `__Host-ezs=session.${TOKEN}.${mac('session-cookie', 'session', uuid, primaryHost, TOKEN)}`
}

async function create(admin: mysql.Connection, run: string, n: number): Promise<void> {
  const { db } = benchTenant(run, n)
  const quoted = `\`${db.database}\``
  await admin.query(`create database ${quoted}; create user '${db.user}'@'%' identified by '${db.password}';
    grant select, insert, update, delete on ${quoted}.* to '${db.user}'@'%'; ${schema(quoted)} ${rows(quoted, n)}`)
}

/** `connections` at once take numbers from 1 to `count`. */
async function each(count: number, connections: number, fn: (admin: mysql.Connection, n: number) => Promise<unknown>): Promise<void> {
  let next = 1
  await Promise.all(Array.from({ length: connections }, async () => {
    const admin = await adminConnection(1)
    try {
      while (next <= count) await fn(admin, next++)
    } finally {
      await admin.end()
    }
  }))
}

export const makeBenchTenants = (run: string, count: number): Promise<void> => each(count, 4, (admin, n) => create(admin, run, n))

export const dropBenchTenants = (run: string, count: number): Promise<void> => each(count, 4, (admin, n) => {
  const { db } = benchTenant(run, n)
  return admin.query(`drop database if exists \`${db.database}\`; drop user if exists '${db.user}'@'%'`)
})
