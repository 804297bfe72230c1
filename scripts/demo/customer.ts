/** A customer of a demo shop: verified, with a little credit, so that ordering works at once. */
import { hashPassword } from '../../shared/security/password.js'
import { newPublicId } from '../../shared/security/token.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Money } from '../../shared/money/money.js'
import { clock } from '../../shared/time/clock.js'
import { addCredit } from '../../tenant/billing/credit/add-credit.js'
import { Customer } from '../../tenant/customers/customer.js'

/** Safe to repeat. */
export async function seedCustomer(person: { email: string; name: string; password: string }): Promise<void> {
  const tenant = currentTenant()
  const known = await Customer.withEmail(person.email)
  const customer = known ?? (await Customer.query().insertAndFetch({
    publicId: newPublicId(), name: person.name, email: person.email, passwordHash: await hashPassword(person.password), addressLine1: '4 Quay Lane', city: 'Porttown', postcode: '04101', region: 'ME', country: 'US', timeZone: tenant.timeZone, currency: tenant.currency,
    locale: tenant.locale, status: 'active', billingAnchorDay: 1, emailVerifiedAt: clock.now(),
  }))
  await addCredit({ userId: customer.id, amount: Money.of(6000, customer.currency), key: `demo-credit:${customer.id}`, description: 'Welcome credit' })
}

/** A second gift after the first orders have spent the first, so that another workspace can be ordered without a card. Safe to repeat. */
export async function keepSome(email: string): Promise<void> {
  const customer = await Customer.withEmail(email)
  if (customer) await addCredit({ userId: customer.id, amount: Money.of(2500, customer.currency), key: `demo-credit-2:${customer.id}`, description: 'For your next workspace' })
}
