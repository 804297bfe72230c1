/** The letters of signing up and signing in. Links start at the shop's primary host, never at the host a request came by. */
import { originOf } from '../../shared/config.js'
import { registerLetter } from '../../shared/mail/letter.js'
import { send } from '../../shared/mail/compose.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import type { Customer } from '../customers/customer.js'

const made = 'https://shop.example/…'
registerLetter({ name: 'confirm-address', subject: 'Confirm your e-mail address', view: 'tenant/mail/confirm-address', secret: true, preview: () => ({ name: 'Ada', link: made }) })
registerLetter({ name: 'already-registered', subject: 'You already have an account', view: 'tenant/mail/already-registered', secret: true, preview: () => ({ name: 'Ada', link: made, signIn: made }) })
registerLetter({ name: 'reset-password', subject: 'Choose a new password', view: 'tenant/mail/reset-password', secret: true, preview: () => ({ name: 'Ada', link: made }) })
registerLetter({ name: 'password-changed', subject: 'Your password was changed', view: 'tenant/mail/password-changed', preview: () => ({ name: 'Ada', at: new Date(), link: made }) })

const link = (path: string): string => `${originOf(currentTenant().primaryHost)}${path}`
const to = (customer: Customer) => ({ email: customer.email, name: customer.name, userId: customer.id })

export async function mailConfirmAddress(customer: Customer, token: { token: string; id: number }): Promise<void> {
  await send({ name: 'confirm-address', to: to(customer), key: `confirm-address:${token.id}`, data: { name: customer.name, link: link(`/verify-email/${token.token}`) } })
}

export async function mailAlreadyRegistered(customer: Customer, token: { token: string; id: number }): Promise<void> {
  const data = { name: customer.name, link: link(`/password/reset/${token.token}`), signIn: link('/sign-in') }
  await send({ name: 'already-registered', to: to(customer), key: `already-registered:${token.id}`, data })
}

export async function mailResetPassword(customer: Customer, token: { token: string; id: number }): Promise<void> {
  await send({ name: 'reset-password', to: to(customer), key: `reset-password:${token.id}`, data: { name: customer.name, link: link(`/password/reset/${token.token}`) } })
}

export async function mailPasswordChanged(customer: Customer, at: Date): Promise<void> {
  await send({ name: 'password-changed', to: to(customer), key: `password-changed:${customer.id}:${at.getTime()}`, data: { name: customer.name, at, link: link('/password/forgot') } })
}
