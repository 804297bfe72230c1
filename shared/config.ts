/** The only reader of process.env. Flags beat the environment, the environment beats `.env`, that beats `.ezscale/env` (written by our set-up). */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'

const flag = z.enum(['0', '1', 'true', 'false'], 'must be 0 or 1').transform((v) => v === '1' || v === 'true')
const int = (min: number, max: number) => {
  const whole = `must be a whole number from ${min} to ${max}`
  return z.coerce.number(whole).int(whole).min(min, whole).max(max, whole)
}
const oneOf = <const T extends readonly [string, ...string[]]>(words: T) => z.enum(words, `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
const address = z.url('must be an address such as https://example.com')
const list = z.string().transform((v) => v.split(',').map((s) => s.trim()).filter(Boolean))
const mysqlUrl = z.string().regex(/^(mysql|mariadb):\/\//, 'must look like mysql://user:password@host:3306')
/** 32 bytes in base64, e.g. from `openssl rand -base64 32`. */
const key32 = z.string().refine((v) => Buffer.from(v, 'base64').length === 32, 'must be 32 bytes in base64 (openssl rand -base64 32)')

export const schema = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development').describe('production refuses sandbox clocks and development pages'),
  DATABASE_URL: mysqlUrl.describe('an administrator of the MariaDB or MySQL server that holds the central database and the first tenants'),
  CENTRAL_DATABASE: z.string().regex(/^[a-z0-9_]{1,40}$/, 'must be 1 to 40 small letters, digits or _').default('ezscale_central').describe('name of the central database'),
  TENANT_PREFIX: z.string().regex(/^[a-z0-9_]{1,14}$/, 'must be 1 to 14 small letters, digits or _').default('tenant_').describe('first part of every tenant database and user name'),
  TENANT_CONNECTIONS: int(1, 4096).default(48).describe('most connections to tenants of one database server, for this process'),
  CENTRAL_CONNECTIONS: int(1, 512).default(8).describe('most connections to the central database, for this process'),
  POOL_SIZE: int(0, 1000).default(2).describe('how many pre-made tenant databases to keep ready'),
  MASTER_KEY: key32.describe('seals secrets at rest; keep it out of backups of the database'),
  MASTER_KEY_ID: z.string().regex(/^[a-z0-9]{1,8}$/, 'must be 1 to 8 small letters or digits').default('k1').describe('name of the master key, stored with each sealed value'),
  OLD_MASTER_KEYS: list.default([]).describe('earlier keys as id:base64, comma separated, for reading only'),
  BIND: z.string().default('127.0.0.1').describe('address to listen on'),
  PORT: int(0, 65535).default(3000).describe('HTTP port'),
  METRICS_PORT: int(0, 65535).default(0).describe('port of /metrics on 127.0.0.1; 0 serves /metrics on the main port to loopback callers only'),
  PLATFORM_DOMAIN: z.string().regex(/^[a-z0-9.-]+$/, 'must be a host name in small letters').default('ezscale.localhost').describe('platform site; admin.<it> is the console, account.<it> the house shop, <slug>.<it> each reseller'),
  PUBLIC_SCHEME: oneOf(['http', 'https']).default('http').describe('scheme of the links we send; https turns on __Host- cookies'),
  PUBLIC_PORT: z.string().regex(/^\d*$/, 'must be a port number, or empty').default('').describe('port in the links we send; empty means PORT, or none at 80 and 443'),
  TRUSTED_PROXIES: list.default([]).describe('addresses whose X-Forwarded-For is believed; the scheme of our links is PUBLIC_SCHEME, whatever a proxy says'),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, 'must look like smtp://host:25 or smtps://user:password@host:465').default('smtp://127.0.0.1:1025').describe('where mail goes'),
  MAIL_FROM: z.string().default('no-reply@ezscale.localhost').describe('envelope sender while a reseller has no verified sender'),
  MONGODB_URL: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must look like mongodb://host:27017/name').optional().describe('when set, jobs live there and workers may run on several machines'),
  ALERT_WEBHOOK_URL: address.optional().describe('Discord webhook for alerts to staff'),
  CHROMIUM_PATH: z.string().default('/usr/bin/chromium').describe('browser that makes the PDFs'),
  LOG_LEVEL: oneOf(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('info').describe('how much to log'),
  STRIPE_API_BASE: address.optional().describe('another address for the Stripe API (the demo and the tests use a simulator)'),
  PAYPAL_API_BASE: address.optional().describe('another address for the PayPal API (the demo and the tests use a simulator)'),
  VIES_API_BASE: address.default('https://ec.europa.eu/taxation_customs/vies/rest-api').describe('where European VAT numbers are checked'),
  ALLOW_PRIVATE_OUTSIDE: flag.default(false).describe('let provider and webhook addresses be private; for development and tests'),
})
export type Config = Readonly<z.infer<typeof schema>>

/** Configuration that does not hold; lists every fault at once. Processes exit with 78. */
export class ConfigError extends Error {
  readonly exitCode = 78
  constructor(readonly faults: string[]) {
    super(`The configuration does not hold:\n${faults.map((f) => `  - ${f}`).join('\n')}\nSee .env.example for what each setting means.`)
    this.name = 'ConfigError'
  }
}

/** Checks an environment. Throws ConfigError with all faults. Empty strings count as not set. */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([k, v]) => k in schema.shape && v !== ''))
  const result = schema.safeParse(given)
  const faults = result.success ? [] : result.error.issues.map((i) => `${i.path.join('.')}: ${given[i.path.join('.')] === undefined ? 'is not set' : i.message}`)
  if (result.success && result.data.NODE_ENV === 'production') {
    if (result.data.PUBLIC_SCHEME !== 'https') faults.push('PUBLIC_SCHEME: must be https in production')
    if (Buffer.from(result.data.MASTER_KEY, 'base64').every((byte) => byte === 0)) faults.push('MASTER_KEY: is the one of the example; make your own (openssl rand -base64 32)')
    if (result.data.ALLOW_PRIVATE_OUTSIDE) faults.push('ALLOW_PRIVATE_OUTSIDE: is not allowed in production')
  }
  if (!result.success || faults.length) throw new ConfigError(faults)
  return Object.freeze(result.data)
}

const root = path.resolve(import.meta.dirname, '..')
function fromFile(file: string): Record<string, string | undefined> {
  const full = path.join(root, file)
  return existsSync(full) ? parseEnv(readFileSync(full, 'utf8')) as Record<string, string> : {}
}

let current: Config | undefined
/** The configuration of this process, read once. Test runs read no files: what a demo wrote there is not theirs. */
export function config(): Config {
  const files = process.env.NODE_ENV === 'test' ? {} : { ...fromFile('.ezscale/env'), ...fromFile('.env') }
  return (current ??= parseConfig({ ...files, ...process.env }))
}

/** For the test kit and the set-up only: replaces settings of this process. */
export function overrideConfig(part: Partial<Config>): void {
  current = Object.freeze({ ...config(), ...part })
}

/** `https://shop.example` or `http://shop.localhost:3000`: the origin that links to this host start with. */
export function originOf(host: string): string {
  const { PUBLIC_SCHEME, PUBLIC_PORT, PORT } = config()
  const port = PUBLIC_PORT || String(PORT)
  const usual = (PUBLIC_SCHEME === 'https' && port === '443') || (PUBLIC_SCHEME === 'http' && port === '80')
  return `${PUBLIC_SCHEME}://${host}${usual ? '' : `:${port}`}`
}
