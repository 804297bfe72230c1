/**
 * One queue a webhook. Discord's rules: https://docs.discord.com/developers/topics/rate-limits
 * We wait as long as it says, send several alerts in one message, and stop for good when the webhook is gone:
 * calling a dead webhook again and again would block the alerts of this whole address.
 */
import { config } from '../config.js'
import { log } from '../log.js'
import { callOutside, type OutsideAnswer } from '../outside/client.js'
import { takeBatch, type Embed } from './embed.js'

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
    try {
      const answer = await callOutside({
        door: 'discord', method: 'POST', url: `${this.url}?wait=true`, headers: { 'user-agent': 'DiscordBot (https://ezscale.example, 1)' },
        body: { embeds, allowed_mentions: { parse: [] } },
      })
      return this.judge(answer)
    } catch (error) {
      log().warn({ err: error }, 'Discord did not take an alert')
      return { keep: true, waitMs: this.unitMs * 2 }
    }
  }

  private judge(answer: OutsideAnswer): { keep: boolean; waitMs: number } {
    const seconds = (name: string) => Number(answer.headers.get(name) ?? 0) || 0
    if (answer.status === 429) {
      const body = answer.json as { retry_after?: number } | undefined
      const after = Math.max(body?.retry_after ?? 0, seconds('retry-after'))
      return { keep: true, waitMs: (after + Math.random() / 4) * this.unitMs }
    }
    if (answer.status === 401 || answer.status === 404) {
      this.disabled = `Discord answered ${answer.status}: the webhook is gone`
      log().error({ status: answer.status }, 'The alert webhook is gone: alerts go to the log only until ALERT_WEBHOOK_URL is corrected')
      return { keep: false, waitMs: 0 }
    }
    if (answer.status >= 500) return { keep: true, waitMs: this.unitMs * 2 }
    if (answer.status >= 400) log().error({ status: answer.status, answer: answer.text.slice(0, 500) }, 'Discord refused an alert')
    return { keep: false, waitMs: answer.headers.get('x-ratelimit-remaining') === '0' ? seconds('x-ratelimit-reset-after') * this.unitMs : 0 }
  }
}
