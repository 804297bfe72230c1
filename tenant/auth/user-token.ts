/** One-time links of customers. 256 bits, of which only a hash bound to this tenant and purpose is stored; used once, within fifteen minutes. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Refusal } from '../../shared/errors.js'
import { hashToken, newToken } from '../../shared/security/token.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'

export type Purpose = 'verify-email' | 'reset-password'
const lifetimeMs = 15 * 60_000

/** Another tenant, another purpose, another hash: a link is worth nothing elsewhere. */
const stored = (token: string, purpose: Purpose): string => hashToken(`${currentTenant().uuid}|${purpose}|${token}`)

/** A new link's token; earlier ones of the same purpose stop working. Call it in the verb's transaction. `id`: the row, for keys of letters. */
export async function issueToken(userId: number, purpose: Purpose): Promise<{ token: string; id: number }> {
  const token = newToken()
  const now = clock.real()
  await spendAll(userId, purpose)
  const [id = 0] = await tenantDb()('user_tokens').insert({ user_id: userId, purpose, token_hash: stored(token, purpose), expires_at: new Date(now.getTime() + lifetimeMs), created_at: now })
  return { token, id }
}

/** Ends a person's unused links, of one purpose or of all. */
export async function spendAll(userId: number, purpose?: Purpose): Promise<void> {
  await tenantDb()('user_tokens').where({ user_id: userId, ...(purpose ? { purpose } : {}) }).whereNull('used_at').update({ used_at: clock.real() })
}

async function find(token: string, purpose: Purpose): Promise<{ id: number; user_id: number } | undefined> {
  return tenantDb()('user_tokens').where({ token_hash: stored(token, purpose), purpose }).whereNull('used_at').where('expires_at', '>', clock.real()).first('id', 'user_id') as Promise<{ id: number; user_id: number } | undefined>
}

/** Whom the link is for, without using it up; null when it does not work (any more). */
export async function peekToken(token: string, purpose: Purpose): Promise<number | null> {
  return (await find(token, purpose))?.user_id ?? null
}

/** Uses the link up. Of two callers at once, one succeeds; the other gets the refusal. */
export async function useToken(token: string, purpose: Purpose): Promise<number> {
  const row = await find(token, purpose)
  const used = row ? await tenantDb()('user_tokens').where({ id: row.id }).whereNull('used_at').update({ used_at: clock.real() }) : 0
  if (!row || used === 0) throw new Refusal('token.spent', 'This link has been used, or it is older than 15 minutes. Ask for a new one.')
  return row.user_id
}
