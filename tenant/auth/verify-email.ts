/**
 * The customer showed that the address is theirs. A link alone is not enough: somebody else may have opened the account with this address
 * and a password of their own. So it counts in the browser that opened the account, for whoever is signed in to it, or with its password.
 */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { FormErrors, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { verifyPassword } from '../../shared/security/password.js'
import { clock } from '../../shared/time/clock.js'
import { Customer } from '../customers/customer.js'
import { peekToken, useToken } from './user-token.js'

/** What the browser knows of the account. */
export interface Proof {
  /** Public id of the account that this browser opened. */
  readonly opened: string | null
  /** Customer signed in here. */
  readonly signedIn: number | null
  readonly password?: string | undefined
}

/** Whose address the link confirms; null when it does not work (any more). */
export async function customerOfLink(token: string): Promise<Customer | null> {
  const id = await peekToken(token, 'verify-email')
  return id === null ? null : (await Customer.query().findById(id)) ?? null
}

export const provedByBrowser = (customer: Customer, proof: Proof): boolean => customer.id === proof.signedIn || customer.publicId === proof.opened

/** Throws Refusal `token.spent` for a link that does not work, FormErrors for a wrong password (the link stays usable). */
export async function verifyEmail(token: string, proof: Proof, now = clock.now()): Promise<Customer> {
  const owner = await customerOfLink(token)
  if (!owner) throw new Refusal('token.spent', 'This link has been used, or it is older than 15 minutes. Ask for a new one.')
  const proved = provedByBrowser(owner, proof) || (await verifyPassword(owner.passwordHash, proof.password ?? ''))
  if (!proved) throw new FormErrors({ password: 'This is not the password of this account. If you did not choose one, use “Forgot your password?”.' })
  return tenantTransaction(async () => {
    const customer = await Customer.findOwned<Customer>({ id: await useToken(token, 'verify-email') })
    if (!customer.isVerified) {
      await customer.$query().patch({ emailVerifiedAt: now })
      await record('user.verified', customer, {}, { userId: customer.id })
    }
    return customer
  })
}
