/** The customer's credit: what is there, where it went, and adding some with a saved card. */
import { Router } from 'express'
import { FormErrors, NotFound, OutsideError, Refusal } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import type { Flash } from '../../../shared/http/flash.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { Money } from '../../../shared/money/money.js'
import { requireUser, requireVerified, userOf } from '../../customers/guard.js'
import type { ChargeOutcome } from '../payments/charge-invoice.js'
import { Payment } from '../payments/payment.js'
import { PaymentMethod } from '../payments/methods/payment-method.js'
import { syncPayment } from '../payments/resolve-payment.js'
import { topUpCredit } from '../payments/top-ups/top-up.js'
import { attemptQuery, topUpForm } from './forms.js'
import { creditPage } from './pages.js'

export const creditRoutes = Router()
const topUpLimit = limit('top-up', { points: 10, seconds: 3600, by: (req) => `user:${userOf(req).id}` })

/** Also where the bank sends the customer back to: the gateway is asked, the address is not believed. */
creditRoutes.get('/credit', requireUser, async (req, res) => {
  const { attempt } = query(attemptQuery, req)
  const open = attempt ? await Payment.query().findOne({ publicId: attempt, userId: userOf(req).id }) : undefined
  if (open?.isOpen) await syncPayment(open).catch(tolerateSilence)
  await creditPage(req, res, userOf(req))
})

creditRoutes.post('/credit', requireVerified, topUpLimit, async (req, res) => {
  const customer = userOf(req)
  onFormErrors(res, (errors, input, status) => creditPage(req, res, customer, { errors, input, status }))
  const input = form(topUpForm, req)
  const amount = Money.parse(input.amount, customer.currency)
  if (!amount) throw new FormErrors({ amount: 'Enter an amount like 25.00.' }, input)
  const method = await PaymentMethod.query().findOne({ publicId: input.method, userId: customer.id, status: 'active' })
  if (!method) throw new NotFound('payment method')
  const outcome = await topUpCredit(customer, amount, input.formKey, method).catch((error: unknown) => {
    throw error instanceof FormErrors ? new FormErrors(error.fields, input) : error
  })
  redirect(req, res, '/credit', { flash: told(outcome) })
})

function told(outcome: ChargeOutcome): Flash {
  if (outcome.kind === 'paid') return { kind: 'good', text: 'Thank you, your credit was added.' }
  if (outcome.kind === 'declined') throw new Refusal('payment.declined', `${outcome.payment.failureMessage ?? 'The card was declined.'} Nothing was charged. Try another payment method.`)
  if (outcome.kind === 'too-small') throw new Refusal('payment.too-small', 'Your card does not take so small an amount. Nothing was charged. Add more at once.')
  if (outcome.kind === 'needs-customer') return { kind: 'info', text: 'Your bank wants you to confirm this payment. Until then nothing is charged.' }
  return { kind: 'info', text: 'We are checking this payment. Please do not pay again.' }
}

function tolerateSilence(error: unknown): void {
  if (!(error instanceof OutsideError)) throw error
}
