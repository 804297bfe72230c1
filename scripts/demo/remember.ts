/** Writes the demo's addresses into .ezscale/env, so that the command line reaches the same simulated services. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import type { Outside } from './outside.js'

export function rememberAddresses(outside: Outside): void {
  const file = path.resolve(import.meta.dirname, '../../.ezscale/env')
  const known = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const all = { ...known, SMTP_URL: outside.mail.url, ALERT_WEBHOOK_URL: outside.discord.url, STRIPE_API_BASE: outside.stripe.url, ALLOW_PRIVATE_OUTSIDE: '1' }
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}`)
  writeFileSync(file, `# Written by our set-up for this checkout; delete the folder .ezscale to start afresh.\n${lines.join('\n')}\n`, { mode: 0o600 })
}
