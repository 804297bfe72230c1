/**
 * One queue a webhook. Discord's rules: https://docs.discord.com/developers/topics/rate-limits
 * We wait as long as it says, send several alerts in one message, and stop for good when the webhook is gone:
 * calling a dead webhook again and again would block the alerts of this whole address.
 */
import { config } from '../config.js'
import { log } from '../log.js'
import { takeBatch, type Embed } from './embed.js'
import { postToDiscord } from './post-discord.js'

const webhookUrl = /^https:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/(\d+)\/([\w-]+)$/
const localUrl = /^http:\/\/(?:127\.0\.0\.1|localhost):\d+\/api\/(?:v\d+\/)?webhooks\/(\d+)\/([\w-]+)$/
/** An alert older than this is noise. */
const oldestMs = 15 * 60_000
const mostTries = 5

/** Anything but a Discord webhook is refused: the address would let us call any server. Development and tests may use one on this machine. */
export function webhookId(url: string): string | null {
  return (webhookUrl.exec(url) ?? (config().ALLOW_PRIVATE_OUTSIDE ? localUrl.exec(url) : null))?.[1] ?? null
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

export class DiscordQueue {
  private waiting: Array<{ embed: Embed; queuedAt: number }> = []
  private sending: Promise<void> | undefined
  /** Why nothing is sent any more. */
  disabled: string | null = null

  constructor(private readonly url: string, private readonly unitMs = 1000) {}

  push(embed: Embed): void {
    if (this.disabled) return
    this.waiting.push({ embed, queuedAt: Date.now() })
    this.sending ??= this.drain().finally(() => (this.sending = undefined))
  }

  /** Resolves when nothing is left to send. */
  async settled(): Promise<void> {
    await this.sending
  }

  private async drain(): Promise<void> {
    await wait(0)
    for (let tries = 0; this.waiting.length && !this.disabled;) {
      this.waiting = this.waiting.filter((entry) => Date.now() - entry.queuedAt < oldestMs)
      const batch = takeBatch(this.waiting.map((entry) => entry.embed))
      if (!batch.length) return
      const verdict = await this.post(batch)
      if (verdict.keep && ++tries < mostTries) await wait(verdict.waitMs)
      else {
        this.waiting.splice(0, batch.length)
        tries = 0
        if (verdict.waitMs) await wait(verdict.waitMs)
      }
    }
    if (this.disabled) this.waiting = []
  }

  private async post(embeds: Embed[]): Promise<{ keep: boolean; waitMs: number }> {
    const verdict = await postToDiscord(this.url, embeds)
    if (verdict.kind === 'sent') return { keep: false, waitMs: verdict.pauseSeconds * this.unitMs }
    if (verdict.kind === 'later') {
      log().warn({ why: verdict.why }, 'Discord did not take an alert')
      return { keep: true, waitMs: verdict.waitSeconds === null ? this.unitMs * 2 : (verdict.waitSeconds + Math.random() / 4) * this.unitMs }
    }
    if (verdict.kind === 'refused') log().error({ status: verdict.status, answer: verdict.answer }, 'Discord refused an alert')
    else {
      this.disabled = `Discord answered ${verdict.status}: the webhook is gone`
      log().error({ status: verdict.status }, 'The alert webhook is gone: alerts go to the log only until ALERT_WEBHOOK_URL is corrected')
    }
    return { keep: false, waitMs: 0 }
  }
}
