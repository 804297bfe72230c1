/** Tells staff that something needs a person. Always logged; posted to ALERT_WEBHOOK_URL when that is set. Never throws, never waits for the outside. */
import { config } from '../config.js'
import { afterCommit, inTransaction } from '../database/transaction.js'
import { log } from '../log.js'
import { runAsPlatform } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { DiscordQueue, webhookId } from './discord.js'
import { toEmbed, type Alert } from './embed.js'

export type { Alert } from './embed.js'

const queues = new Map<string, DiscordQueue>()

/** Inside a transaction it leaves after the commit; a rollback drops it. */
export async function alert(message: Alert): Promise<void> {
  try {
    if (inTransaction()) afterCommit(() => deliver(message))
    else deliver(message)
  } catch (error) {
    log().error({ err: error, title: message.title }, 'An alert was lost')
  }
}

function deliver(message: Alert): void {
  const level = message.level === 'warning' ? 'warn' : message.level
  log()[level]({ alert: message.title, ...message.fields }, message.message)
  const url = config().ALERT_WEBHOOK_URL
  if (!url) return
  if (!webhookId(url)) return log().error('ALERT_WEBHOOK_URL is not a Discord webhook; nothing is sent there')
  runAsPlatform(() => {
    const queue = queues.get(url) ?? new DiscordQueue(url)
    queues.set(url, queue)
    queue.push(toEmbed(message, clock.real()))
  })
}

/** For shutdown and tests: resolves when everything queued has been sent or given up, or when the time is over. */
export async function alertsSettled(timeoutMs = 5000): Promise<void> {
  const all = Promise.all([...queues.values()].map((queue) => queue.settled()))
  let timer: NodeJS.Timeout | undefined
  await Promise.race([all, new Promise((resolve) => { timer = setTimeout(resolve, timeoutMs) })])
  clearTimeout(timer)
}
