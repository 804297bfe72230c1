/** One-time links for staff and members: set a password, reset it. Only the hash is stored; used once; bound to person and purpose. */
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { Refusal } from '../../shared/errors.js'
import { hashToken, newToken } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'

export type Purpose = 'set-password' | 'reset-password'
export interface Subject { kind: 'staff' | 'member'; id: number }

const lifetimeMs: Record<Purpose, number> = { 'set-password': 7 * 86_400_000, 'reset-password': 15 * 60_000 }

/** A new link's token; earlier ones of the same purpose stop working. */
export async function issueToken(subject: Subject, purpose: Purpose): Promise<string> {
  const token = newToken()
  const now = clock.real()
  await centralTransaction(async (trx) => {
    await trx('access_tokens').where({ subject_kind: subject.kind, subject_id: subject.id, purpose }).whereNull('used_at').update({ used_at: now })
    await trx('access_tokens').insert({ subject_kind: subject.kind, subject_id: subject.id, purpose, token_hash: hashToken(token), expires_at: new Date(now.getTime() + lifetimeMs[purpose]), created_at: now })
  })
  return token
}

interface TokenRow { id: number; subject_id: number }
const open = (token: string, kind: Subject['kind'], purpose: Purpose) =>
  centralDb()('access_tokens').where({ token_hash: hashToken(token), subject_kind: kind, purpose }).whereNull('used_at').where('expires_at', '>', clock.real())

/** Whom the link is for, without using it up; null when it does not work any more. */
export async function peekToken(token: string, kind: Subject['kind'], purpose: Purpose): Promise<number | null> {
  const row = (await open(token, kind, purpose).first('id', 'subject_id')) as TokenRow | undefined
  return row?.subject_id ?? null
}

/** Uses the link up and answers whom it is for. Of two callers at once one succeeds. */
export async function useToken(token: string, kind: Subject['kind'], purpose: Purpose): Promise<number> {
  const row = (await open(token, kind, purpose).first('id', 'subject_id')) as TokenRow | undefined
  const used = row ? await centralDb()('access_tokens').where({ id: row.id }).whereNull('used_at').update({ used_at: clock.real() }) : 0
  if (!row || used === 0) throw new Refusal('token.spent', 'This link has been used or has run out. Ask for a new one.')
  return row.subject_id
}
