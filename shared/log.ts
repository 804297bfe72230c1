/** JSON lines to stdout (stderr for commands), each with tenant and unit of work. Secrets are redacted by key name and by shape. */
import pino from 'pino'
import { config } from './config.js'
import { currentWorkOrNull } from './tenancy/context.js'

const secretKeys = ['password', 'secret', 'token', 'apiKey', 'apiKeySecret', 'api_key', 'api_key_secret', 'authorization', 'cookie', 'clientSecret', 'client_secret', 'session_token', 'MASTER_KEY']
const shapes = /\b(sk_(?:test|live)_|whsec_|rk_(?:test|live)_)[A-Za-z0-9_]+|(mysql:\/\/[^:\s]+:)[^@\s]+@|-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g
export const redactText = (text: string): string => text.replace(shapes, (_all, stripe?: string, url?: string) => (stripe ? `${stripe}[redacted]` : url ? `${url}[redacted]@` : '[redacted key]'))

let logger: pino.Logger | undefined
let toStderr = false
/** Commands print results on stdout, so their log goes to stderr. */
export function logToStderr(): void {
  toStderr = true
  logger = undefined
}

export function log(): pino.Logger {
  return (logger ??= pino(
    {
      level: config().LOG_LEVEL,
      timestamp: pino.stdTimeFunctions.isoTime,
      base: { pid: process.pid },
      redact: { paths: secretKeys.flatMap((k) => [k, `*.${k}`, `*.*.${k}`]), censor: '[redacted]' },
      mixin: () => {
        const work = currentWorkOrNull()
        return work ? { work: work.id, ...(work.tenant ? { tenant: work.tenant.slug } : {}) } : {}
      },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactText },
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    pino.destination({ fd: toStderr ? 2 : 1, sync: false }),
  ))
}
