/** Name and password → the customer. One sentence for every reason to say no, and the same work. */
import { Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { hashPassword, isOutdatedHash, verifyPassword } from '../../shared/security/password.js'
import { clock } from '../../shared/time/clock.js'
import { Customer } from '../customers/customer.js'

/** Throws Refusal `sign-in.no-match`. */
export async function checkSignIn(email: string, password: string, now = clock.now()): Promise<Customer> {
  const customer = await Customer.withEmail(email)
  const matches = await verifyPassword(customer?.passwordHash ?? null, password)
  if (!customer || !matches || customer.status !== 'active') throw new Refusal('sign-in.no-match', 'This e-mail address and password do not match.')
  const fresh = customer.passwordHash && isOutdatedHash(customer.passwordHash) ? { passwordHash: await hashPassword(password) } : {}
  await customer.$query().patch({ lastLoginAt: now, ...fresh })
  await record('user.signed-in', customer, {}, { userId: customer.id })
  return customer
}
