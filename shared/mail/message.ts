/** The outbox: one row a letter, written with the change that causes it, sent later by a job. */
import type { Knex } from 'knex'
import { centralDb } from '../database/central-database.js'
import { tenantDb } from '../database/tenant-database.js'
import { currentTenantOrNull } from '../tenancy/context.js'

/** waiting → sending → sent | bounced (refused for good) | failed (given up after three days); back to waiting after a passing trouble. */
export type MessageStatus = 'waiting' | 'sending' | 'sent' | 'bounced' | 'failed'

/** Made when the letter is sent, by a registered loader. */
export interface AttachmentRef {
  readonly kind: string
  readonly id: number | string
}

export interface Message {
  readonly id: number
  readonly businessKey: string
  readonly letter: string
  readonly to: { readonly email: string; readonly name: string }
  readonly from: { readonly email: string; readonly name: string }
  readonly replyTo: string | null
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly attachments: readonly AttachmentRef[]
  readonly status: MessageStatus
  readonly attempts: number
  readonly error: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

export const mailDb = (): Knex => (currentTenantOrNull() ? tenantDb() : centralDb())

export type MessageRow = Record<string, unknown> & { id: number }
export const messageFromRow = (row: MessageRow): Message => ({
  id: Number(row.id), businessKey: String(row['business_key']), letter: String(row['letter']),
  to: { email: String(row['to_email']), name: String(row['to_name']) }, from: { email: String(row['from_email']), name: String(row['from_name']) },
  replyTo: row['reply_to'] as string | null, subject: String(row['subject']), html: String(row['html']), text: String(row['text']),
  attachments: (typeof row['attachments'] === 'string' ? JSON.parse(row['attachments']) : row['attachments']) as AttachmentRef[],
  status: row['status'] as MessageStatus, attempts: Number(row['attempts']), error: row['error'] as string | null,
  createdAt: row['created_at'] as Date, sentAt: row['sent_at'] as Date | null,
})
