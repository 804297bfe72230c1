/** JSON lines to stdout (stderr for commands), each with tenant and unit of work. Secrets are redacted by key name and by shape. */
import pino from 'pino'
import { config } from './config.js'
import { OutsideError } from './errors.js'
import { currentWorkOrNull } from './tenancy/context.js'

const secretKeys = ['password', 'secret', 'token', 'apiKey', 'apiKeySecret', 'api_key', 'api_key_secret', 'authorization', 'cookie', 'clientSecret', 'client_secret', 'session_token', 'MASTER_KEY']
const shapes = /\b(sk_(?:test|live)_|whsec_|rk_(?:test|live)_)[A-Za-z0-9_]+|(mysql:\/\/[^:\s]+:)[^@\s]+@|-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g
export const redactText = (text: string): string => text.replace(shapes, (_all, stripe?: string, url?: string) => (stripe ? `${stripe}[redacted]` : url ? `${url}[redacted]@` : '[redacted key]'))

/** That the outside does not answer is no fault of a line of ours: where it was noticed tells nothing. */
function plainError(error: unknown): unknown {
  if (!(error instanceof OutsideError)) return pino.stdSerializers.err(error as Error)
  const { message, door, code, retryable, unknown } = error
  return { type: error.name, message, door, code, retryable, unknown }
}

let logger: pino.Logger | undefined
let toStderr = false
/** Commands print results on stdout, so their log goes to stderr, and tells only what is wrong: a person reads it between other lines. */
export function logToStderr(): void {
  toStderr = true
  logger = undefined
}

export function log(): pino.Logger {
  return (logger ??= pino(
    {
      level: toStderr && config().LOG_LEVEL === 'info' ? 'warn' : config().LOG_LEVEL,
      timestamp: pino.stdTimeFunctions.isoTime,
      base: { pid: process.pid },
      redact: { paths: secretKeys.flatMap((k) => [k, `*.${k}`, `*.*.${k}`]), censor: '[redacted]' },
      mixin: () => {
        const work = currentWorkOrNull()
        return work ? { work: work.id, ...(work.tenant ? { tenant: work.tenant.slug } : {}) } : {}
      },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactText },
      serializers: { err: plainError, error: plainError },
    },
    pino.destination({ fd: toStderr ? 2 : 1, sync: false }),
  ))
}
