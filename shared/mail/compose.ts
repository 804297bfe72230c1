/** Writes a letter in the brand of whom we serve and puts it in the outbox. The page never waits for SMTP. */
import { convert } from 'html-to-text'
import juice from 'juice'
import { currentTenantOrNull } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { renderView } from '../views/engine.js'
import { oneAddress, oneLine } from './address.js'
import { deliverCentralMail, deliverMail } from './deliver-job.js'
import { letterKind, scopeOf, type LetterKind } from './letter.js'
import { currentBrand, currentManner, currentSender } from './mail-brand.js'
import { mailDb, type AttachmentRef } from './message.js'

export interface Letter {
  /** Registered with registerLetter(). */
  readonly name: string
  readonly to: { readonly email: string; readonly name: string; readonly userId?: number | null; readonly tenantId?: number | null }
  /** Business key: `invoice-issued:42`. A second letter with the same key is not written. At most 120 ASCII characters. */
  readonly key: string
  readonly data: Record<string, unknown>
  readonly attachments?: readonly AttachmentRef[]
}

export interface Composed {
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** Subject, HTML with inlined styles, and the same as text. Throws when the view is missing. */
export function compose(kind: LetterKind, data: Record<string, unknown>): Composed {
  const brand = currentBrand()
  const subject = oneLine(typeof kind.subject === 'function' ? kind.subject(data, brand) : kind.subject, 255)
  const html = renderView(kind.view, { ...data, ...currentManner(), now: clock.now(), lang: 'en', title: subject, brand, layout: 'mail' })
  const text = convert(html, {
    wordwrap: 78,
    selectors: [
      { selector: 'img', format: 'skip' }, { selector: '.preheader', format: 'skip' }, { selector: '.plain-link', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } }, { selector: 'h1', options: { uppercase: false } }, { selector: 'h2', options: { uppercase: false } },
      { selector: 'table.lines', format: 'dataTable', options: { uppercaseHeaderCells: false } }, { selector: 'table.facts', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    ],
  })
  return { subject, html: juice(html), text }
}

/** Inside a transaction the letter exists only if that commits. Throws Refusal when `to` is not exactly one address. */
export async function send(letter: Letter): Promise<void> {
  const tenant = currentTenantOrNull()
  const kind = letterKind(tenant ? 'tenant' : 'central', letter.name)
  if (!/^[\x21-\x7e]{1,120}$/.test(letter.key)) throw new Error(`"${letter.key}" is no business key: 1 to 120 ASCII characters without blanks.`)
  const to = oneAddress(letter.to)
  if (await mailDb()('mail_messages').where({ business_key: letter.key }).first('id')) return
  const { from, replyTo } = currentSender()
  const row = {
    business_key: letter.key, letter: kind.name, ...(tenant ? { user_id: letter.to.userId ?? null } : { tenant_id: letter.to.tenantId ?? null }),
    to_email: to.email, to_name: to.name, from_email: from.email, from_name: from.name, reply_to: replyTo, ...compose(kind, letter.data),
    attachments: JSON.stringify(letter.attachments ?? []), status: 'waiting', next_attempt_at: clock.real(), created_at: clock.now(),
  }
  await mailDb()('mail_messages').insert(row).onConflict('business_key').ignore()
  await (scopeOf(kind) === 'tenant' ? deliverMail : deliverCentralMail).enqueue({}, { key: 'deliver' })
}
