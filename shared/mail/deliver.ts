/**
 * Sends what waits in the outbox: claim, send, settle. No transaction is open while SMTP is spoken to.
 * A worker that dies between sending and settling leaves the row claimed; after `claimMs` it is sent again under the same Message-ID.
 * A letter is therefore sent at least once, and a second copy is recognised as such by mail programs that remember Message-IDs.
 */
import { createHash } from 'node:crypto'
import { alert } from '../alerts/alert.js'
import { config } from '../config.js'
import { OutsideError } from '../errors.js'
import { record } from '../events/record.js'
import { log } from '../log.js'
import { currentTenantOrNull } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { domainOf } from './address.js'
import { loadAttachments } from './attachments.js'
import { isSecret } from './letter.js'
import { mailDb, messageFromRow, type Message, type MessageRow } from './message.js'
import { deliverBySmtp } from './smtp.js'

/** Longer than every time limit of smtp.ts together with making the attachments. */
export const claimMs = 5 * 60_000
/** One minute, two, four … then every four hours: 25 attempts are three days. */
const mostAttempts = 25
export const retryMs = (attempts: number): number => Math.min(60_000 * 2 ** (attempts - 1), 4 * 3_600_000)

/** Sends what is due for whom we serve now, oldest first. Answers how many were sent. Stops early when the mail server does not answer. */
export async function deliverPending(limit = 100): Promise<number> {
  let sent = 0
  for (let n = 0; n < limit; n++) {
    const message = await claimNext()
    if (!message) break
    const outcome = await deliver(message)
    if (outcome === 'sent') sent++
    if (outcome === 'unreachable') break
  }
  return sent
}

async function claimNext(): Promise<Message | undefined> {
  const now = clock.real()
  for (;;) {
    const row = await mailDb()('mail_messages').where((due) => due.where({ status: 'waiting' }).where('next_attempt_at', '<=', now))
      .orWhere((died) => died.where({ status: 'sending' }).where('claimed_at', '<=', new Date(now.getTime() - claimMs))).orderBy('next_attempt_at').first() as MessageRow | undefined
    if (!row) return undefined
    const same = mailDb()('mail_messages').where({ id: row.id, status: row['status'], attempts: row['attempts'] })
    if (row['claimed_at']) void same.where('claimed_at', row['claimed_at'] as Date)
    else void same.whereNull('claimed_at')
    if (await same.update({ status: 'sending', claimed_at: now, attempts: Number(row['attempts']) + 1 })) return messageFromRow({ ...row, attempts: Number(row['attempts']) + 1 })
  }
}

/** The same for every attempt, unguessable for others, and without a word about who runs the platform. */
const messageIdOf = (message: Pick<Message, 'id' | 'businessKey' | 'from'>): string =>
  `${createHash('sha256').update(`${currentTenantOrNull()?.uuid ?? 'central'}:${message.id}:${message.businessKey}:${config().MASTER_KEY}`).digest('hex').slice(0, 32)}@${domainOf(message.from.email)}`

async function deliver(message: Message): Promise<'sent' | 'refused' | 'put-off' | 'unreachable'> {
  try {
    const attachments = await loadAttachments(message.attachments)
    const own = message.from.email.startsWith('no-reply@') ? config().MAIL_FROM : message.from.email
    await deliverBySmtp({ ...message, messageId: messageIdOf(message), envelopeFrom: own, attachments })
    await mailDb()('mail_messages').where({ id: message.id }).update({ status: 'sent', sent_at: clock.now(), claimed_at: null, error: null, ...forgotten(message) })
    return 'sent'
  } catch (error) {
    if (error instanceof OutsideError && !error.retryable) return bounce(message, error)
    return putOff(message, error instanceof Error ? error : new Error(String(error)))
  }
}

const forgotten = (message: Message): { html?: string; text?: string } => (isSecret(currentTenantOrNull() ? 'tenant' : 'central', message.letter) ? { html: '', text: '' } : {})

async function bounce(message: Message, error: OutsideError): Promise<'refused'> {
  await mailDb()('mail_messages').where({ id: message.id }).update({ status: 'bounced', claimed_at: null, error: error.message.slice(0, 500), ...forgotten(message) })
  await record('mail.bounced', { type: 'mail_messages', id: message.id }, { letter: message.letter, to: message.to.email, error: error.message })
  return 'refused'
}

async function putOff(message: Message, error: Error): Promise<'put-off' | 'unreachable'> {
  const failed = message.attempts >= mostAttempts
  const next = new Date(clock.real().getTime() + retryMs(message.attempts))
  await mailDb()('mail_messages').where({ id: message.id }).update({ status: failed ? 'failed' : 'waiting', claimed_at: null, next_attempt_at: next, error: error.message.slice(0, 500) })
  log().warn({ err: error, letter: message.letter, attempts: message.attempts }, 'A letter could not be sent')
  if (failed) await alert({ level: 'error', title: 'A letter was given up', message: error.message, fields: { letter: message.letter, tenant: currentTenantOrNull()?.slug ?? 'central', message: message.id } })
  return error instanceof OutsideError && /^(E[A-Z]+|unknown)$/.test(error.code ?? '') ? 'unreachable' : 'put-off'
}
