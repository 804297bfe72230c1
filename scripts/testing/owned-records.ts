/** For the walk over all routes: one record of every kind that an address can name, owned by Alice of acme; and what names each in an address. Runs inside acme. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { newPublicId } from '../../shared/security/token.js'
import type { StripeSimulator } from '../../shared/simulators/stripe/server.js'
import { clock } from '../../shared/time/clock.js'
import { issueToken } from '../../tenant/auth/user-token.js'
import { openCase } from '../../tenant/billing/dunning/run-dunning.js'
import { createCreditNote } from '../../tenant/billing/invoices/credit-notes/create-credit-note.js'
import { InvoiceLine } from '../../tenant/billing/invoices/invoice-line.js'
import { Invoice } from '../../tenant/billing/invoices/invoice.js'
import { addManualInvoice } from '../../tenant/billing/invoices/manual-invoice.js'
import { startAddingMethod } from '../../tenant/billing/payments/methods/add-payment-method.js'
import { chargeInvoice } from '../../tenant/billing/payments/charge-invoice.js'
import { issuePayLink } from '../../tenant/billing/payments/pay-link.js'
import { Payment } from '../../tenant/billing/payments/payment.js'
import { refundPayment } from '../../tenant/billing/payments/refunds/refund-payment.js'
import { AuditFinding } from '../../tenant/billing/reconcile/audit-finding.js'
import { storeFindings } from '../../tenant/billing/reconcile/store-findings.js'
import { quoteChange } from '../../tenant/billing/subscriptions/quote-change.js'
import { askExemption } from '../../tenant/billing/tax/decide-exemption.js'
import { registerTaxId } from '../../tenant/billing/tax/register-tax-id.js'
import { matchTransfer } from '../../tenant/billing/transfers/match-transfer.js'
import { recordTransfer } from '../../tenant/billing/transfers/record-transfer.js'
import { notify } from '../../tenant/notifications/notify.js'
import { ProductGroup } from '../../tenant/catalog/product-group.js'
import { Customer } from '../../tenant/customers/customer.js'
import { quoteText, writeQuote } from '../../tenant/ordering/write-quote.js'
import { QuoteLine } from '../../tenant/ordering/quote.js'
import { sendQuote } from '../../tenant/ordering/send-quote.js'
import { insertRow, newInvoice, newRun, newService, usd } from '../../tenant/scenarios/billing-world.js'
import { openTask, ServiceTask } from '../../tenant/services/service-task.js'
import { Service } from '../../tenant/services/service.js'
import { newProduct } from '../../tenant/testing/catalog-world.js'
import { connectShop, saveCard } from '../../tenant/testing/payment-world.js'
import { newCoupon, rate, register } from '../../tenant/testing/pricing-world.js'
import { newSubscription } from '../../tenant/testing/subscription-world.js'

export type Records = Readonly<Record<string, string>>
/** A name that makes a formula of a spreadsheet's cell. */
export const hostile = '=HYPERLINK("http://evil.test")'
const dated = () => ({ created_at: clock.now(), updated_at: clock.now() })
const nameOf = async (table: string, id: number): Promise<string> => (await tenantDb()(table).where({ id }).first<{ public_id: string }>('public_id')).public_id

async function money(alice: Customer, stripe: StripeSimulator): Promise<Record<string, string>> {
  const gateway = await connectShop(stripe, 'acme')
  const card = await saveCard(stripe, alice)
  const setup = await startAddingMethod(alice)
  const paid = await newInvoice(alice.id, 2000)
  await chargeInvoice(paid, { method: card, offSession: false })
  const payment = (await Payment.query().where({ userId: alice.id }).first())!
  const refund = await refundPayment({ payment, amount: usd(100), to: 'credit', reason: hostile, key: newPublicId() })
  const line = (await InvoiceLine.query().where({ invoiceId: paid.id }).first())!
  const note = await createCreditNote({ invoice: await Invoice.findOwned<Invoice>({ id: paid.id }), lines: [{ lineId: line.id, amountMinor: 500 }], reason: 'Too much', to: 'balance', key: newPublicId() })
  const open = await newInvoice(alice.id, 1000, { description: hostile })
  await Invoice.query().patch({ dueAt: new Date(clock.now().getTime() - 86_400_000) }).where({ id: open.id })
  await openCase(open)
  const draft = await addManualInvoice({ userId: alice.id, currency: 'USD', key: newPublicId(), lines: [{ description: 'Work', quantity: 1, unitMinor: 500 }] })
  const { id: draftLine } = (await InvoiceLine.query().where({ invoiceId: draft.id }).first())!
  const link = await tenantTransaction((trx) => issuePayLink(trx, open))
  const { transfer } = await recordTransfer({ key: newPublicId(), receivedOn: '2026-11-01', amountMinor: 700, currency: 'USD', payer: hostile, reference: '+1+1' })
  const [match] = await matchTransfer(transfer, [{ userId: alice.id, invoiceId: null, amount: usd(300) }])
  await storeFindings([{ check: 'books.test', subject: hostile, message: 'Does not agree.' }], () => false, clock.now())
  const finding = (await AuditFinding.query().first())!
  const event = await insertRow('webhook_events', { gateway_account_id: gateway.id, event_id: 'evt_walk', type: 'charge.succeeded', payload: '{}', status: 'dead', received_at: clock.now() })
  const dispute = await insertRow('disputes', {
    public_id: newPublicId(), gateway_account_id: gateway.id, gateway_dispute_id: 'du_walk', payment_id: payment.id, user_id: alice.id, amount_minor: 2000, currency: 'USD', reason: 'fraudulent', status: 'open', respond_by: new Date(clock.now().getTime() + 86_400_000), opened_at: clock.now(), ...dated(),
  })
  return {
    dispute: await nameOf('disputes', dispute), gateway: gateway.publicId, method: card.publicId, setup: setup.id, paidInvoice: paid.publicId, payment: payment.publicId, refund: refund.publicId, creditNote: note.publicId, invoice: open.publicId, draft: draft.publicId,
    draftLine: String(draftLine), payToken: link.split('/').at(-1)!, transfer: transfer.publicId, match: match!.publicId, finding: finding.publicId, event: String(event),
    dunning: (await tenantDb()('dunning_cases').where({ invoice_id: open.id }).first<{ public_id: string }>('public_id')).public_id,
  }
}

async function goods(alice: Customer): Promise<Record<string, string>> {
  const { product, plans, option } = await newProduct({ name: 'VPS Walk' }, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'annual', price: '50.00' }], [{ name: 'Backup', kind: 'checkbox', choices: { yes: { 1: '1.00' } } }])
  const { subscription } = await newSubscription({ userId: alice.id, plan: plans[0]! })
  const change = await quoteChange(subscription, { plan: plans[1]!, selection: { quantity: 1, options: [] } })
  const group = await ProductGroup.query().insertAndFetch({ publicId: newPublicId(), name: 'Group', slug: 'group', description: '', sortOrder: 0 } as Partial<ProductGroup>)
  const workspace = await newService(alice.id, '@SUM(1)')
  const template = await insertRow('kasm_workspace_templates', { name: hostile, description: '', workspace_type: 'developer', kasm_template_id: 'a'.repeat(32), vcpu_default: 2, ram_mb_default: 4096, preinstalled_apps: '[]', ...dated() })
  const run = await newRun(workspace, '2026-10-02T08:00:00Z', '2026-10-02T09:05:00Z')
  await notify({ userId: alice.id, type: 'workspace-ready', title: hostile, href: '/services', key: 'walk' })
  const planned = await insertRow('services', { public_id: newPublicId(), user_id: alice.id, plan_id: plans[0]!.id, service_type: 'vps', name: 'web-1', status: 'active', currency: 'USD', price_micros: 0, subscription_id: subscription.id, ...dated() })
  await subscription.$query().patch({ serviceId: planned })
  const addon = await newProduct({ name: 'Backup', kind: 'addon' })
  await tenantDb()('product_addons').insert({ product_id: product.id, addon_id: addon.product.id })
  await tenantTransaction(async () => openTask(await Service.findOwned<Service>({ id: planned }), 'setup'))
  const task = (await ServiceTask.query().where({ serviceId: planned }).first())!
  return {
    product: product.publicId, plan: plans[0]!.publicId, addonPlan: addon.plan.publicId, planSlug: plans[0]!.slug, productSlug: product.slug, option: String(option('Backup').optionId), subscription: subscription.publicId, change: change.publicId, group: group.publicId,
    service: await nameOf('services', planned), workspace: await nameOf('services', workspace.serviceId), task: task.publicId, run: String(run), template: String(template), notification: (await tenantDb()('notifications').first<{ public_id: string }>('public_id')).public_id,
  }
}

async function papers(alice: Customer): Promise<Record<string, string>> {
  const facts = { email: alice.email, validUntil: new Date(clock.now().getTime() + 9 * 86_400_000), discountPpm: 0, note: '' }
  const [quote, draftQuote] = [await writeQuote(facts, clock.now()), await writeQuote(facts, clock.now())]
  for (const one of [quote, draftQuote]) await quoteText(one, 'Work', usd(900))
  await sendQuote(quote)
  const line = (await QuoteLine.query().where({ quoteId: draftQuote.id }).first())!
  const coupon = await newCoupon({ name: hostile, batch: '=batch' })
  await rate('DE', 190_000)
  await register('DE', 'home', hostile)
  const exemption = await askExemption(alice.id, { reason: 'Charity', evidence: 'A certificate' })
  await registerTaxId(alice.id, { number: 'DE136695976', country: 'DE' })
  const first = async (table: string): Promise<string> => (await tenantDb()(table).orderBy('id', 'desc').first<{ public_id: string }>('public_id')).public_id
  return {
    quote: quote.publicId, draftQuote: draftQuote.publicId, quoteLine: line.publicId, coupon: coupon.publicId, rate: await first('tax_rates'), registration: await first('tax_registrations'), exemption: exemption.publicId, customer: alice.publicId,
    verifyToken: (await issueToken(alice.id, 'verify-email')).token, resetToken: (await issueToken(alice.id, 'reset-password')).token,
  }
}

/** What addresses name by row number: in acme it begins where the other shop has none, so a number that leaks finds nothing there. */
export const numbered = ['product_options', 'invoice_lines', 'webhook_events', 'kasm_usage_sessions', 'kasm_workspace_templates'] as const

/** All of it. The cart item, the order and the session come from Alice's browser. */
export async function ownedBy(alice: Customer, stripe: StripeSimulator): Promise<Record<string, string>> {
  return { ...(await money(alice, stripe)), ...(await goods(alice)), ...(await papers(alice)) }
}
