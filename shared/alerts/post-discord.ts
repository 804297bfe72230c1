/** One call to a Discord webhook, and what its answer means. Rules: https://docs.discord.com/developers/topics/rate-limits */
import { OutsideError } from '../errors.js'
import { callOutside, type OutsideAnswer } from '../outside/client.js'
import type { Embed } from './embed.js'

export type PostVerdict =
  /** `pauseSeconds`: Discord wants so long until the next. */
  | { readonly kind: 'sent'; readonly pauseSeconds: number }
  /** Try again, no sooner than it asked. */
  | { readonly kind: 'later'; readonly waitSeconds: number | null; readonly why: string }
  /** Deleted, or the token is wrong: never call it again, that would block the alerts of this whole address. */
  | { readonly kind: 'gone'; readonly status: number }
  /** This message will never be taken. */
  | { readonly kind: 'refused'; readonly status: number; readonly answer: string }

/** At most ten embeds, 6,000 characters together. Mentions are switched off. Redirects are errors: nobody sends us elsewhere. Never throws for what the outside does. */
export async function postToDiscord(url: string, embeds: readonly Embed[]): Promise<PostVerdict> {
  try {
    return judge(await callOutside({
      door: 'discord', method: 'POST', url: `${url}?wait=true`, headers: { 'user-agent': 'DiscordBot (https://ezscale.example, 1)' },
      body: { embeds, allowed_mentions: { parse: [] } },
    }))
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { kind: 'later', waitSeconds: null, why: error.message }
  }
}

function judge(answer: OutsideAnswer): PostVerdict {
  const seconds = (name: string) => Number(answer.headers.get(name) ?? 0) || 0
  if (answer.status === 429) {
    const body = answer.json as { retry_after?: number } | undefined
    return { kind: 'later', waitSeconds: Math.max(body?.retry_after ?? 0, seconds('retry-after')), why: 'Discord is busy.' }
  }
  if (answer.status === 401 || answer.status === 404) return { kind: 'gone', status: answer.status }
  if (answer.status >= 500) return { kind: 'later', waitSeconds: null, why: `Discord answered ${answer.status}.` }
  if (answer.status >= 400) return { kind: 'refused', status: answer.status, answer: answer.text.slice(0, 500) }
  return { kind: 'sent', pauseSeconds: answer.headers.get('x-ratelimit-remaining') === '0' ? seconds('x-ratelimit-reset-after') : 0 }
}
