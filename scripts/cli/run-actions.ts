/** What `tenants run` and `tenants shell` do, as the account that can reach nothing else. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { splitStatements } from '../../shared/database/migration-statements.js'
import { adminConnection, serverOf } from '../../shared/database/servers.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { directory } from '../../shared/tenancy/directory.js'
import { selectTenants, visitFleet } from '../../shared/tenancy/fleet-visit.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { connectApps, stopSignal } from './command.js'
import { exit, NothingMatched, noTenant, UsageError } from './exit-codes.js'
import { fiveOf } from './fleet-result.js'
import { selectionOf, type SelectionFlags } from './options.js'
import { checkNames } from './tenant-rows.js'
import { confirm, counted, green, print, printJson, red, say, table } from './terminal.js'

type Work = (tenant: Tenant) => Promise<unknown>
const reads = /^(select|show|describe|explain|with)\b/i

async function scriptWork(file: string): Promise<Work> {
  const module = (await import(pathToFileURL(path.resolve(file)).href)) as { default?: unknown }
  if (typeof module.default !== 'function') throw new UsageError(`${file} must export a function by default: export default async (tenant) => …`)
  return module.default as Work
}
const sqlWork = (statements: string[]): Work => async () => {
  let last: unknown
  for (const sql of statements) last = ((await tenantDb().raw(sql.replaceAll('?', '\\?'))) as unknown[])[0]
  return last
}

/** A script, a file of SQL, or SQL itself. */
async function workOf(words: readonly string[]): Promise<{ work: Work; writes: boolean }> {
  const text = words.join(' ').trim()
  if (!text) throw new UsageError('Say what to run after "--": a script, a file of SQL, or a statement.')
  if (/\.(ts|mts|js|mjs)$/.test(text)) return { work: await scriptWork(text), writes: true }
  const statements = splitStatements(text.endsWith('.sql') && existsSync(text) ? readFileSync(text, 'utf8') : text)
  return { work: sqlWork(statements), writes: !statements.every((s) => reads.test(s)) }
}

function showValue(tenant: string, value: unknown): void {
  print(`${tenant}:`)
  if (Array.isArray(value) && value.length && typeof value[0] === 'object') print(table(value as Record<string, unknown>[], Object.keys(value[0] as object)))
  else if (value !== undefined) print(typeof value === 'string' ? value : JSON.stringify(value))
}

export async function runIn(flags: SelectionFlags & { concurrency: number; onError: 'stop' | 'continue' }, ...words: string[]): Promise<number> {
  const selection = selectionOf(flags)
  await connectApps()
  await checkNames(flags)
  const { work, writes } = await workOf(words)
  const tenants = await selectTenants(selection)
  if (!tenants.length) throw new NothingMatched('No tenant matched. See: ezscale tenants list')
  if (writes && !flags.only) await confirm(`Run this in ${counted(tenants.length, 'tenant')}?`, flags.yes ?? false)
  const visits = await visitFleet(selection, work, {
    concurrency: flags.concurrency, onError: flags.onError, signal: stopSignal(),
    onVisit: (v) => {
      if (flags.ndjson) print(JSON.stringify({ v: 1, tenant: v.tenant.slug, ms: Math.round(v.ms), ...(v.ok ? { result: v.value ?? null } : { error: v.error.message }) }))
      else if (!flags.json && v.ok) showValue(v.tenant.slug, v.value)
      if (!v.ok) say(red(`${v.tenant.slug}: ${v.error.message}`))
    },
  })
  if (flags.json) printJson(visits.map((v) => ({ tenant: v.tenant.slug, ms: Math.round(v.ms), ...(v.ok ? { result: v.value ?? null } : { error: v.error.message }) })))
  const bad = visits.filter((v) => !v.ok).map((v) => v.tenant.slug)
  const left = tenants.length - visits.length
  say(bad.length || left ? red(`${visits.length - bad.length} of ${tenants.length} done. ${left ? `${left} not begun. ` : ''}${bad.length ? `Failed: ${fiveOf(bad)}` : ''}`) : green(`${counted(tenants.length, 'tenant')} done.`))
  return bad.length ? exit.failed : left ? exit.interrupted : exit.ok
}

const clientOnThisMachine = (): string | undefined => ['mariadb', 'mysql'].find((name) => spawnSync(name, ['--version']).status === 0)

async function ownPrompt(tenant: Tenant): Promise<number> {
  const { serverId, ...account } = tenant.db
  const connection = await adminConnection(serverId, { user: account.user, password: tenant.db.password, database: account.database })
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: `${tenant.slug}> ` })
  lines.prompt()
  for await (const line of lines) {
    if (/^(exit|quit)\b/.test(line)) break
    if (line.trim()) {
      const [rows] = await connection.query(line).catch((error: Error) => [red(error.message)])
      if (Array.isArray(rows) && rows.length) print(table(rows as Record<string, unknown>[], Object.keys(rows[0] as object)))
      else print(typeof rows === 'string' ? rows : JSON.stringify(rows))
    }
    lines.prompt()
  }
  await connection.end()
  return exit.ok
}

export async function shell(_flags: SelectionFlags, slug: string): Promise<number> {
  await connectApps()
  const tenant = await directory().findBySlug(slug)
  if (!tenant) throw noTenant(slug)
  const client = process.stdin.isTTY ? clientOnThisMachine() : undefined
  if (!client) return ownPrompt(tenant)
  const { host, port } = serverOf(tenant.db.serverId)
  // By the environment, so that the password is in no list of processes.
  const child = spawn(client, ['-h', host, '-P', String(port), '-u', tenant.db.user, '--protocol=tcp', '--default-character-set=utf8mb4', `--prompt=${slug}> `, tenant.db.database],
    { stdio: 'inherit', env: { ...process.env, MYSQL_PWD: tenant.db.password } })
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? exit.failed)))
}
