/** A new password, by the link from a letter or by somebody who knows the old one. It ends the other sessions and all open links. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { FormErrors, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import type { Site } from '../../shared/http/request.js'
import { revokeSessions } from '../../shared/http/session-store.js'
import { hashPassword, passwordFault, verifyPassword } from '../../shared/security/password.js'
import { clock } from '../../shared/time/clock.js'
import { Customer } from '../customers/customer.js'
import { mailPasswordChanged } from './mailer.js'
import { peekToken, spendAll, useToken } from './user-token.js'

async function store(customer: Customer, passwordHash: string, site: Site, keep: string | null, now: Date): Promise<void> {
  // Whoever reads the letter owns the address: a reset confirms it as well.
  await customer.$query().patch({ passwordHash, ...(keep === null ? { emailVerifiedAt: customer.emailVerifiedAt ?? now } : {}) })
  await spendAll(customer.id)
  await revokeSessions(site, customer.subject, keep)
  await record('user.password-changed', customer, {}, { userId: customer.id })
  await mailPasswordChanged(customer, now)
}

function refuseWeak(password: string, customer: Customer): void {
  const fault = passwordFault(password, [customer.name, customer.email])
  if (fault) throw new FormErrors({ password: fault })
}

/** By a link. Throws Refusal `token.spent`; FormErrors leave the link usable. */
export async function resetPassword(token: string, password: string, site: Site, now = clock.now()): Promise<void> {
  const userId = await peekToken(token, 'reset-password')
  if (userId === null) throw new Refusal('token.spent', 'This link has been used, or it is older than 15 minutes. Ask for a new one.')
  refuseWeak(password, await Customer.findOwned<Customer>({ id: userId }))
  const passwordHash = await hashPassword(password)
  await tenantTransaction(async () => {
    const customer = await Customer.findOwned<Customer>({ id: await useToken(token, 'reset-password') })
    await store(customer, passwordHash, site, null, now)
  })
}

/** By the signed-in customer, who keeps `sessionId` only. Throws FormErrors. */
export async function changePassword(customer: Customer, current: string, password: string, site: Site, sessionId: string | null, now = clock.now()): Promise<void> {
  if (!(await verifyPassword(customer.passwordHash, current))) throw new FormErrors({ currentPassword: 'This is not your current password.' })
  refuseWeak(password, customer)
  const passwordHash = await hashPassword(password)
  await tenantTransaction(() => store(customer, passwordHash, site, sessionId ?? '', now))
}
