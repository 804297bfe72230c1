/** Posts waiting alerts to the shop's Discord. One trier a row at a time; what Discord does not take now is tried again, for about four hours. */
import { z } from 'zod'
import { toEmbed } from '../../../shared/alerts/embed.js'
import { postToDiscord, type PostVerdict } from '../../../shared/alerts/post-discord.js'
import { defineJob } from '../../../shared/jobs/job.js'
import { clock } from '../../../shared/time/clock.js'
import { AlertChannel } from './alert-channel.js'
import { ShopAlert, waitAfter } from './alert.js'

/** A try has the row for itself this long. */
const LEASE_MS = 60_000
const AT_ONCE = 20

export const postNudge = defineJob({ name: 'alerts.post-now', scope: 'tenant', payload: z.object({}), attempts: 1, handler: () => postAlerts(clock.now()) })

/** All that are due, oldest first. Stops at the first that Discord wants later: it wants all of them later. */
export async function postAlerts(now: Date): Promise<void> {
  const due = await ShopAlert.query().where({ postStatus: 'waiting' }).where('nextAttemptAt', '<=', now).orderBy('raisedAt').limit(AT_ONCE)
  for (const alert of due) if (!(await postOne(alert, now))) return
}

/** True when the next may follow. */
async function postOne(alert: ShopAlert, now: Date): Promise<boolean> {
  const url = (await AlertChannel.current())?.discordUrl
  if (!url) {
    await settle(alert, { postStatus: 'off', nextAttemptAt: null })
    return true
  }
  const mine = await ShopAlert.query().where({ id: alert.id, postStatus: 'waiting', nextAttemptAt: alert.nextAttemptAt }).patch({ nextAttemptAt: new Date(now.getTime() + LEASE_MS) })
  if (mine === 0) return true
  const verdict = await postToDiscord(url, [toEmbed({ level: alert.level, title: alert.title, message: alert.message, fields: alert.fields }, alert.raisedAt)])
  await keep(alert, verdict, now)
  return verdict.kind === 'refused' || (verdict.kind === 'sent' && verdict.pauseSeconds === 0)
}

/** Writes only onto the alert that was posted: it may have been raised anew meanwhile. */
const settle = (alert: ShopAlert, patch: Partial<ShopAlert>) => ShopAlert.query().where({ id: alert.id, postStatus: 'waiting', raisedAt: alert.raisedAt }).patch(patch)

async function keep(alert: ShopAlert, verdict: PostVerdict, now: Date): Promise<void> {
  const postAttempts = alert.postAttempts + 1
  if (verdict.kind === 'sent') await settle(alert, { postStatus: 'posted', postedAt: now, postAttempts, nextAttemptAt: null, lastError: null })
  else if (verdict.kind === 'refused') await settle(alert, { postStatus: 'given-up', postAttempts, nextAttemptAt: null, lastError: `Discord refused the message (${verdict.status}).` })
  else if (verdict.kind === 'gone') {
    await AlertChannel.query().patch({ discordTrouble: `Discord says that this webhook is gone (${verdict.status}). Enter a new one.` })
    await settle(alert, { postStatus: 'off', postAttempts, nextAttemptAt: null, lastError: 'The webhook is gone.' })
  } else {
    const wait = waitAfter(postAttempts)
    const seconds = Math.max(wait ?? 0, verdict.waitSeconds ?? 0)
    await settle(alert, { postStatus: wait === null ? 'given-up' : 'waiting', postAttempts, nextAttemptAt: wait === null ? null : new Date(now.getTime() + seconds * 1000), lastError: verdict.why.slice(0, 255) })
  }
}
