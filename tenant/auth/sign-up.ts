/** Opens an account. Whoever asks learns nothing about addresses that have one already: same answer, same work, a letter tells the owner. */
import { isDuplicate } from '../../shared/database/database-busy.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { hashPassword } from '../../shared/security/password.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { Customer } from '../customers/customer.js'
import { sendSignUpLetter } from './jobs.js'

export interface NewAccount {
  readonly name: string
  readonly email: string
  readonly password: string
  /** ISO 3166, two letters. */
  readonly country: string
  /** IANA name. */
  readonly timeZone: string
}

async function insert(wish: NewAccount, publicId: string, passwordHash: string): Promise<void> {
  const tenant = currentTenant()
  const { name, email, country, timeZone } = wish
  const customer = await Customer.query().insertAndFetch({
    publicId, name, email, passwordHash, country, timeZone, currency: tenant.currency, locale: tenant.locale, status: 'active', billingAnchorDay: 1,
  })
  await record('user.signed-up', customer, {}, { userId: customer.id })
}

/** Somebody signed up with an address that has an account. Writes as much as a new account does. */
async function noteRepeat(customer: Customer): Promise<void> {
  await customer.$query().patch({ updatedAt: clock.now() })
  await record('user.signed-up-again', customer, {}, { userId: customer.id })
}

/** `publicId`: made by the caller, who remembers it in the browser: whether the account got it shows only to the owner of the address. */
export async function signUp(wish: NewAccount, publicId: string): Promise<void> {
  const passwordHash = await hashPassword(wish.password)
  const open = () => tenantTransaction(async () => {
    const known = await Customer.withEmail(wish.email)
    await (known ? noteRepeat(known) : insert(wish, publicId, passwordHash))
    await sendSignUpLetter.enqueue({ email: wish.email })
  })
  await open().catch((error: unknown) => {
    if (isDuplicate(error)) return open()
    throw error
  })
}
