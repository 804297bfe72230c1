/** The simulated outside world of the demo: workspaces, cards, PayPal, the register of European VAT numbers, alerts and mail. Each keeps its state in .ezscale/demo across restarts. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { overrideConfig } from '../../shared/config.js'
import { DiscordSimulator } from '../../shared/simulators/discord.js'
import { startGatewaySimulator, type GatewaySimulator } from '../../shared/simulators/kasm/gateway-simulator.js'
import { startKasmSimulator, type KasmSimulator } from '../../shared/simulators/kasm/kasm-simulator.js'
import { PaypalSimulator } from '../../shared/simulators/paypal/server.js'
import { SmtpCatcher } from '../../shared/simulators/smtp.js'
import { StripeSimulator } from '../../shared/simulators/stripe/server.js'
import { ViesSimulator } from '../../shared/simulators/vies.js'

export interface Outside {
  /** Two servers with the developer API, in two regions. */
  kasm: KasmSimulator
  europe: KasmSimulator
  /** One behind a gateway, in a third. */
  gateway: GatewaySimulator
  stripe: StripeSimulator
  paypal: PaypalSimulator
  vies: ViesSimulator
  discord: DiscordSimulator
  mail: SmtpCatcher
  stop(): Promise<void>
}

/** First the usual port, so that addresses stay the same; any free one when it is taken. */
async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error
    return start(0)
  }
}

/** Eight ports from `firstPort` on; 0 takes any that are free. */
export async function startOutside(folder: string, firstPort: number): Promise<Outside> {
  mkdirSync(folder, { recursive: true })
  const next = (step: number): number => (firstPort === 0 ? 0 : firstPort + step)
  const kasm = await onPort(next(0), (port) => startKasmSimulator({ port, file: path.join(folder, 'kasm.json'), runningAfterLooks: 1, runningAfterMs: 4000 }))
  const stripe = await onPort(next(1), (port) => StripeSimulator.start({ port, file: path.join(folder, 'stripe.json') }))
  const discord = await onPort(next(2), (port) => new DiscordSimulator().start(port))
  const mail = await onPort(next(3), (port) => new SmtpCatcher(port).start())
  const paypal = await onPort(next(4), (port) => PaypalSimulator.start({ port, file: path.join(folder, 'paypal.json') }))
  const vies = await onPort(next(5), (port) => new ViesSimulator().up(port))
  const europe = await onPort(next(6), (port) => startKasmSimulator({ port, file: path.join(folder, 'kasm-europe.json'), runningAfterLooks: 1, runningAfterMs: 4000 }))
  const gateway = await onPort(next(7), (port) => startGatewaySimulator({ port, file: path.join(folder, 'kasm-gateway.json'), runningAfterLooks: 1, runningAfterMs: 6000 }))
  overrideConfig({ SMTP_URL: mail.url, ALERT_WEBHOOK_URL: discord.url, ALLOW_PRIVATE_OUTSIDE: true, STRIPE_API_BASE: stripe.url, PAYPAL_API_BASE: paypal.url, VIES_API_BASE: vies.url })
  const stop = async (): Promise<void> => {
    await Promise.allSettled([kasm.down(), europe.down(), gateway.down(), stripe.stop(), paypal.stop(), vies.down(), discord.stop(), mail.stop()])
  }
  return { kasm, europe, gateway, stripe, paypal, vies, discord, mail, stop }
}
