/** What `servers`, `providers` and `staff` do. */
import { z } from 'zod'
import { asCentral } from '../../shared/tenancy/as-central.js'
import { centralDb } from '../../shared/database/central-database.js'
import { emailAddress } from '../../shared/http/form.js'
import { passwordFault } from '../../shared/security/password.js'
import { connect } from './command.js'
import { exit, UsageError } from './exit-codes.js'
import type { GlobalFlags } from './options.js'
import { green, print, printJson, say } from './terminal.js'

/** Standard input to its end; refuses a terminal, where a secret would stay on the screen. */
async function secretInput(what: string): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError(`${what} is read from standard input: redirect a file or a pipe.`)
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8').trim()
  if (!text) throw new UsageError(`${what} is missing on standard input.`)
  return text
}

function table(rows: readonly object[], flags: GlobalFlags): number {
  if (flags.json || flags.ndjson) printJson(rows)
  else for (const row of rows) print(Object.values(row as Record<string, unknown>).map((value) => String(value ?? '—')).join('  '))
  return rows.length ? exit.ok : exit.nothing
}

export async function listServers(flags: GlobalFlags): Promise<number> {
  await connect()
  return table(await asCentral(() => centralDb()('database_servers as s').leftJoin('tenants as t', (j) => void j.on('t.server_id', 's.id').andOnVal('t.status', '<>', 'dropped'))
    .groupBy('s.id').orderBy('s.id').select('s.id', 's.name', 's.host', 's.port', 's.status', 's.max_tenants as maxTenants').count({ tenants: 't.id' }) as unknown as Promise<object[]>), flags)
}

export async function addServer(flags: GlobalFlags & { maxTenants: string }, name = ''): Promise<number> {
  const url = await secretInput('The administrator URL')
  if (!/^(mysql|mariadb):\/\/[^/\s]+$/.test(url) || !URL.canParse(url)) throw new UsageError('The URL must look like mysql://admin:password@host:3306.')
  const most = Number(flags.maxTenants)
  if (!Number.isInteger(most) || most < 1) throw new UsageError('--max-tenants must be a whole number above 0.')
  await connect()
  const { addServer: add } = await import('../../central/servers.js')
  await add({ name, url, maxTenants: most })
  say(green(`Server ${name} is added. New tenants go where there are fewest.`))
  return exit.ok
}

export async function listProviders(flags: GlobalFlags): Promise<number> {
  await connect()
  return table(await asCentral(() => centralDb()('provider_connections').orderBy('id').select('id', 'kind', 'name', 'base_url as url', 'status') as unknown as Promise<object[]>), flags)
}

const kasmKeys = z.strictObject({ apiKey: z.string().min(1), apiKeySecret: z.string().min(1) })

export async function addProvider(flags: GlobalFlags & { url: string }, kind = '', name = ''): Promise<number> {
  if (kind !== 'kasm') throw new UsageError(`There is no kind "${kind}"; known: kasm.`)
  if (!/^https?:\/\//.test(flags.url) || !URL.canParse(flags.url)) throw new UsageError('--url must be an address like https://kasm.example.com.')
  const input = await secretInput('The keys')
  const keys = kasmKeys.safeParse(jsonOf(input))
  if (!keys.success) throw new UsageError('The keys must be JSON: {"apiKey": "…", "apiKeySecret": "…"}.')
  await connect()
  const { connectProvider } = await import('../../central/providers/connect-provider.js')
  await asCentral(() => connectProvider({ kind, name, baseUrl: flags.url.replace(/\/+$/, ''), secrets: keys.data, settings: {} }))
  say(green(`${kind} "${name}" is connected.`))
  return exit.ok
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const roles = ['admin', 'support', 'billing'] as const

export async function addPerson(flags: GlobalFlags & { name: string; role: string }, email = ''): Promise<number> {
  const role = roles.find((known) => known === flags.role)
  const address = emailAddress.safeParse(email)
  if (!role || !address.success) throw new UsageError(!role ? `--role is one of ${roles.join(', ')}.` : 'The first word must be an e-mail address.')
  const password = await secretInput('The password')
  const fault = passwordFault(password, [email, flags.name])
  if (fault) throw new UsageError(fault)
  await connect()
  const { addStaff } = await import('../../central/staff/add-staff.js')
  await asCentral(() => addStaff({ email: address.data, name: flags.name, role, password }))
  say(green(`${address.data} may sign in to the console as ${role}.`))
  return exit.ok
}
