/** A member's password: the first one by the link in the welcome letter, a new one by a reset link. */
import { config, originOf } from '../../shared/config.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { send } from '../../shared/mail/compose.js'
import { hashPassword } from '../../shared/security/password.js'
import { hashToken } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { issueToken, useToken, type Purpose } from '../access/access-token.js'
import { Member } from './member.js'

/** Uses the link up, stores the password, and ends every session that was open. Throws Refusal when the link does not work any more. */
export async function choosePassword(token: string, purpose: Purpose, password: string): Promise<void> {
  const hash = await hashPassword(password)
  await centralTransaction(async (trx) => {
    const id = await useToken(token, 'member', purpose)
    const now = clock.real()
    await trx('members').where({ id }).update({ password_hash: hash, email_verified_at: trx.raw('coalesce(email_verified_at, ?)', [now]), updated_at: now })
    await trx('sessions').where({ subject_kind: 'member', subject_id: id }).delete()
    await record('member.password-set', { type: 'member', id }, { purpose })
  })
}

/** Sends a reset link, if there is such a member. */
export async function sendReset(email: string): Promise<void> {
  const member = await Member.query().findOne({ email })
  if (!member || member.status !== 'active') return
  const token = await issueToken({ kind: 'member', id: member.id }, member.passwordHash ? 'reset-password' : 'set-password')
  const path = member.passwordHash ? 'password/reset' : 'set-password'
  await send({
    name: 'member-reset', to: { email: member.email, name: member.name }, key: `member-reset:${hashToken(token).slice(0, 32)}`,
    data: { name: member.name, link: `${originOf(config().PLATFORM_DOMAIN)}/reseller/${path}/${token}` },
  })
}

