/** Writes the demo's addresses into .ezscale/env, so that the command line reaches the same simulated services. */
import { saveEnv } from '../setup.mjs'
import type { Outside } from './outside.js'

export function rememberAddresses(outside: Outside): void {
  saveEnv({ SMTP_URL: outside.mail.url, ALERT_WEBHOOK_URL: outside.discord.url, STRIPE_API_BASE: outside.stripe.url, PAYPAL_API_BASE: outside.paypal.url, VIES_API_BASE: outside.vies.url, ALLOW_PRIVATE_OUTSIDE: '1' })
}
