import { tenantTransaction } from '../../../shared/database/transaction.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { AlertChannel } from './alert-channel.js'
import { QUIET_MS, ShopAlert, type News } from './alert.js'
import { mailAlert } from './mailer.js'
import { postNudge } from './post-alerts.js'

/**
 * Tells the shop's people, if they want to hear of this kind and were not told of the subject within `quietMs`. Writes rows only: Discord and mail leave
 * afterwards and never hold anybody up. Repeatable. Answers whether something was said.
 */
export async function raiseAlert(news: News, now = clock.now(), quietMs = QUIET_MS): Promise<boolean> {
  const channel = await AlertChannel.current()
  if (!channel || !(news.kind === 'test' ? channel.reaches : channel.wants(news.kind))) return false
  return tenantTransaction(async () => {
    const alert = await claim(news, channel, now, quietMs)
    if (!alert) return false
    if (channel.email) await mailAlert(alert, channel.email)
    if (alert.postStatus === 'waiting') await postNudge.enqueue({}, { key: 'post' })
    return true
  })
}

/** The subject's row, ours for this hour; null when it was spoken of. Of two that come together the second finds the first one's time. */
async function claim(news: News, channel: AlertChannel, now: Date, quietMs: number): Promise<ShopAlert | null> {
  const subject = `${news.kind}:${news.subject}`.slice(0, 120)
  const facts = {
    kind: news.kind, level: news.level, title: news.title.slice(0, 160), message: news.message.slice(0, 1000), fields: { shop: currentTenant().name, ...news.fields }, href: news.href?.slice(0, 255) ?? null,
    raisedAt: now, postStatus: channel.discordUrl ? 'waiting' as const : 'none' as const, postAttempts: 0, nextAttemptAt: channel.discordUrl ? now : null, postedAt: null, lastError: null,
  }
  const again = await ShopAlert.query().where({ subject }).where('raisedAt', '<=', new Date(now.getTime() - quietMs)).patch(facts)
  if (again === 0 && !(await first(subject, facts))) return null
  return (await ShopAlert.query().findOne({ subject })) ?? null
}

/** Writes the subject's first row; false when it is there. */
async function first(subject: string, facts: Partial<ShopAlert>): Promise<boolean> {
  const before = await ShopAlert.query().findOne({ subject }).select('id')
  if (before) return false
  const made = await ShopAlert.query().insert({ subject, ...facts }).onConflict('subject').ignore()
  return Number(made.id) > 0
}
