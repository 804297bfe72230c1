/** Checks of central and of every database server. */
import { registerKnownServers } from '../../central/servers.js'
import { config } from '../../shared/config.js'
import { closeDatabases } from '../../shared/database/central-database.js'
import { readBundle } from '../../shared/database/migration-bundle.js'
import { centralRows } from '../../shared/database/migration-central.js'
import { isUnreachable, openAdmin, quoteName, rowsOf, type AdminConnection } from '../../shared/database/migration-connection.js'
import { journalHash, readJournal } from '../../shared/database/migration-journal.js'
import { unseal } from '../../shared/security/encryption.js'
import { fleetView } from '../../shared/tenancy/ledger.js'
import { lateSchedules } from '../../shared/jobs/timetable.js'
import { sayError } from './exit-codes.js'
import { counted } from './terminal.js'
import { fail, ok, want, warn, type Check } from './doctor-check.js'

type Settings = Map<string, string>
const settingNames = ['version', 'partial_revokes', 'character_set_server', 'table_open_cache', 'open_files_limit', 'max_connections', 'innodb_flush_log_at_trx_commit', 'max_allowed_packet', 'read_only']

async function settingsOf(connection: AdminConnection): Promise<Settings> {
  const rows = await rowsOf(connection, `show global variables where variable_name in (${settingNames.map((n) => `'${n}'`).join(', ')})`)
  return new Map(rows.map((r) => [String(r.Variable_name), String(r.Value)]))
}

const oldest = { mariadb: [10, 6], mysql: [8, 0] } as const
function versionCheck(at: (name: string) => string, version: string): Check {
  const kind = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  const [major, minor] = version.split('.').map(Number) as [number, number]
  const [least, leastMinor] = oldest[kind]
  return want(at('version'), major > least || (major === least && minor >= leastMinor), `${kind === 'mariadb' ? 'MariaDB' : 'MySQL'} ${version}`, 'fail', 'Schema changes are atomic from MariaDB 10.6 and MySQL 8.0 on: upgrade')
}

async function serverChecks(connection: AdminConnection, name: string): Promise<Check[]> {
  const at = (what: string): string => `${name}: ${what}`
  const set = await settingsOf(connection)
  const number = (key: string): number => Number(set.get(key) ?? 0)
  const { TENANT_CONNECTIONS, CENTRAL_CONNECTIONS, TENANT_PREFIX, NODE_ENV } = config()
  const like = `${TENANT_PREFIX.replace(/[\\_%]/g, '\\$&')}%`
  const [[tables], [time], anonymous] = await Promise.all([
    rowsOf(connection, 'select count(*) as n from information_schema.tables where table_schema like ?', [like]),
    rowsOf(connection, 'select unix_timestamp(now(3)) * 1000 as ms'),
    rowsOf(connection, `select host from mysql.user where user = ''`).catch(() => []),
  ])
  const skew = Math.abs(Number(time?.ms) - Date.now())
  const count = Number(tables?.n)
  const budget = TENANT_CONNECTIONS + CENTRAL_CONNECTIONS + 8
  return [
    versionCheck(at, set.get('version') ?? ''),
    want(at('writable'), set.get('read_only') !== 'ON', set.get('read_only') === 'ON' ? 'read only' : 'yes', 'fail', 'Reads work, every write is refused: set global read_only = off'),
    want(at('connections'), number('max_connections') >= budget * 2, `${number('max_connections')} allowed, one process of ours uses up to ${budget}`, 'warn', 'Raise max_connections, or lower TENANT_CONNECTIONS'),
    want(at('open tables'), number('table_open_cache') >= Math.min(count, 2000), `${counted(count, 'table')} of tenants, cache of ${number('table_open_cache')}`, 'warn', 'Raise table_open_cache and open_files_limit'),
    want(at('commits'), NODE_ENV !== 'production' || set.get('innodb_flush_log_at_trx_commit') === '1', `innodb_flush_log_at_trx_commit = ${set.get('innodb_flush_log_at_trx_commit')}`, 'fail', 'Money needs 1: acknowledged commits must survive a crash'),
    want(at('text'), set.get('character_set_server') === 'utf8mb4', `${set.get('character_set_server')}; our databases say utf8mb4 themselves`, 'warn', 'Set character_set_server = utf8mb4'),
    want(at('clock'), skew < 2000, `${Math.round(skew)} ms from ours`, 'warn', 'Keep both clocks by NTP'),
    want(at('strangers'), anonymous.length === 0, anonymous.length ? `accounts without a name at ${anonymous.map((r) => String(r.host)).join(', ')}` : 'none', 'warn', 'They shadow our accounts on that host: drop user \'\'@\'host\''),
    want(at('grants'), set.get('partial_revokes') !== 'ON', set.get('partial_revokes') === 'ON' ? 'partial_revokes is on' : '"_" in grants is escaped', 'warn', 'With partial_revokes wildcards are off: accounts made before the switch lose their grant'),
  ]
}

async function centralChecks(connection: AdminConnection): Promise<Check[]> {
  const { CENTRAL_DATABASE } = config()
  const bundle = readBundle('central')
  const migrated = await connection.query(`use ${quoteName(CENTRAL_DATABASE)}`).then(() => readJournal(connection), () => null)
  if (!migrated) return [fail('central database', `${CENTRAL_DATABASE} does not exist`, 'ezscale central migrate')]
  if (journalHash(migrated) !== bundle.hash) return [fail('central database', `at ${migrated.at(-1)?.name ?? 'nothing'}, this version needs ${bundle.head}`, 'ezscale central migrate')]
  const { matched, members } = await fleetView({})
  const behind = members.filter((m) => m.behind).length
  const failed = members.filter((m) => m.failed).length
  const [sealed] = await centralRows('select uuid, database_password_sealed as s from tenants where database_password_sealed is not null order by id limit 1')
  return [
    ok('central database', `${CENTRAL_DATABASE} at ${bundle.head}`),
    want('fleet', behind === 0, `${counted(matched, 'tenant')}, ${behind} behind, ${failed} failed`, failed ? 'fail' : 'warn', failed ? 'ezscale tenants status --behind, then tenants resume --all' : 'ezscale tenants migrate --all'),
    sealed ? masterKey(String(sealed.uuid), String(sealed.s)) : ok('master key', 'nothing is sealed yet'),
  ]
}

function masterKey(uuid: string, sealed: string): Check {
  try {
    unseal(sealed, `central:tenants:database_password:${uuid}`)
    return ok('master key', 'opens what is sealed')
  } catch {
    return fail('master key', 'does not open the database passwords in central', 'Put the right MASTER_KEY back, or the earlier one into OLD_MASTER_KEYS')
  }
}

async function scheduleCheck(): Promise<Check> {
  await Promise.all([import('../../tenant/timetable.js'), import('../../central/timetable.js')])
  const late = await lateSchedules(new Date(Date.now() + 60_000))
  return late.length ? warn('timetable', `late: ${late.join(', ')}`, 'Is a worker running? npm start, or scripts/worker.ts') : ok('timetable', 'nothing is late')
}

/** Servers first; central and the timetable only when their server answers. */
export async function databaseChecks(): Promise<Check[]> {
  const checks: Check[] = []
  try {
    const first = await openAdmin(1)
    checks.push(...(await serverChecks(first, 'first')), ...(await centralChecks(first)))
    await first.end()
    if (checks.some((c) => c.check === 'central database' && c.status === 'fail')) return checks
    await registerKnownServers()
    for (const server of await centralRows(`select id, name from database_servers where id <> 1 and status = 'active'`)) checks.push(...(await otherServer(Number(server.id), String(server.name))))
    checks.push(await scheduleCheck())
  } catch (error) {
    checks.push({ ...fail('database', sayError(error), 'Start it, or set DATABASE_URL'), temporary: isUnreachable(error) })
  } finally {
    await closeDatabases()
  }
  return checks
}

async function otherServer(id: number, name: string): Promise<Check[]> {
  try {
    const connection = await openAdmin(id)
    const checks = await serverChecks(connection, name)
    await connection.end()
    return checks
  } catch (error) {
    return [{ ...fail(`${name}: reachable`, sayError(error), 'Its tenants answer 503 until it does'), temporary: isUnreachable(error) }]
  }
}
