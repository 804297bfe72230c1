/**
 * A storm of both gateways' events: every one three times, shuffled, by eight workers. The deliveries enter at the desk where webhooks arrive (signature on the raw
 * body, stored once) and are worked on by the job that production runs; only the HTTP server and the job store's queue are left out, which would be the most of the
 * time. By default EVENTS events × 3 copies; STORM=10000 is the whole proof (some minutes).
 */
import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { perform } from '../../shared/jobs/perform.js'
import { applyControl as controlPaypal } from '../../shared/simulators/paypal/control.js'
import { paypalSignature, withoutPrivate } from '../../shared/simulators/paypal/webhooks.js'
import { applyControl as controlStripe } from '../../shared/simulators/stripe/control.js'
import { signatureHeader } from '../../shared/simulators/stripe/webhooks.js'
import { quoteName, rowsOf } from '../../shared/database/migration-connection.js'
import { auditTenant } from '../billing/audit.js'
import { chargeInvoice } from '../billing/payments/charge-invoice.js'
import { GatewayAccount } from '../billing/payments/gateways/gateway-account.js'
import { Payment } from '../billing/payments/payment.js'
import { webhookDesk } from '../billing/payments/webhooks/receive-webhook.js'
import { refundPayment } from '../billing/payments/refunds/refund-payment.js'
import { usePaymentWorld, WEBHOOK_SECRET } from '../testing/payment-world.js'
import { usePaypal } from '../testing/paypal-world.js'
import { newInvoice, usd } from './billing-world.js'
import { dice, seedOf } from './mortal-workers.js'

const EVENTS = Number(process.env['STORM'] ?? 400)
const COPIES = 3
const WORKERS = 8

interface Letter {
  gateway: 'stripe' | 'paypal'
  id: string
  body: string
}

describe('A storm of webhook events', function () {
  this.timeout(300_000 + EVENTS * 400)
  const world = usePaymentWorld()
  const paypal = usePaypal(world)
  const keep = () => `${world.acme.db.database}_keep`

  /** Of each gateway: charges whose answers were lost, refunds whose answers were lost, disputes open and won, and plain payments. */
  async function history(): Promise<void> {
    for (const [gateway, faults, charges, refunds] of [['stripe', world.stripe.faults, '/v1/payment_intents', '/v1/refunds'], ['paypal', paypal.simulator.faults, '/v2/checkout/orders', '/v2/payments/captures']] as const) {
      for (let c = 0; c < 4; c++) {
        const customer = await world.customer()
        await (gateway === 'stripe' ? world.card(customer) : paypal.save(customer))
        for (let i = 0; i < 5; i++) {
          const invoice = await newInvoice(customer.id, 1000 + 100 * i + c)
          if (i < 2) faults.request({ kind: 'error-after', method: 'POST', path: charges })
          await chargeInvoice(invoice, { offSession: true })
          const payment = (await Payment.query().orderBy('id', 'desc').first())!
          if (i === 2) {
            faults.request({ kind: 'error-after', method: 'POST', path: refunds })
            await refundPayment({ payment, amount: usd(333), to: 'source', reason: 'Sorry', key: `sorry:${payment.id}` }).catch(() => undefined)
          }
          if (i === 3) dispute(gateway, payment, c % 2 === 0)
          faults.clear()
        }
      }
    }
  }

  function dispute(gateway: 'stripe' | 'paypal', payment: Payment, won: boolean): void {
    const about = { account: 'acme', payment: payment.gatewayPaymentId! }
    if (gateway === 'stripe') controlStripe(world.stripe, { dispute: about })
    else controlPaypal(paypal.simulator, { dispute: about })
    if (!won) return
    if (gateway === 'stripe') controlStripe(world.stripe, { decide: { account: 'acme', dispute: world.stripe.account('acme').all('dispute').at(-1)!.id, outcome: 'won' } })
    else controlPaypal(paypal.simulator, { decide: { account: 'acme', dispute: paypal.simulator.account('acme').all('dispute').at(-1)!.id, outcome: 'won' } })
  }

  /** What the gateways said, in their order, and said again under new names until there is enough. */
  function letters(): Letter[] {
    const said = [
      ...world.stripe.account('acme').all('event').map((event) => ({ gateway: 'stripe' as const, event: event as { id: string } })),
      ...paypal.simulator.account('acme').all('event').map((event) => ({ gateway: 'paypal' as const, event: withoutPrivate(event) as { id: string } })),
    ]
    return Array.from({ length: EVENTS }, (_v, n) => {
      const { gateway, event } = said[n % said.length]!
      const id = n < said.length ? event.id : `${event.id}x${Math.floor(n / said.length)}`
      return { gateway, id, body: JSON.stringify({ ...event, id }, null, 1) }
    })
  }

  /** One delivery: signed, verified, stored, worked on. */
  async function deliver({ gateway, id, body }: Letter, account: GatewayAccount): Promise<void> {
    const headers: Record<string, string> = gateway === 'stripe' ? { 'stripe-signature': signatureHeader(body, WEBHOOK_SECRET) } : paypalSignature(body, account.webhookId!, paypal.simulator.url)
    const row = await world.apart(async () => {
      const desk = (await webhookDesk(gateway).open(account.publicId))!
      await desk.store(await desk.verify(Buffer.from(body), (name) => headers[name.toLowerCase()]), body)
      return tenantDb()('webhook_events').where({ gateway_account_id: account.id, event_id: id }).first<{ id: number }>('id')
    })
    await work(row.id)
  }
  const work = (id: number) => perform('payments.webhook', { tenant: world.acme.uuid, v: 1, payload: { id } }, 1)

  async function storm(deliveries: readonly Letter[], workers: number): Promise<void> {
    const accounts = new Map((await world.in(() => GatewayAccount.active())).map((account) => [account.gateway, account]))
    const waiting = [...deliveries].reverse()
    await Promise.all(Array.from({ length: workers }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await deliver(next, accounts.get(next.gateway)!)
    }))
    // What had to wait for another event is tried again, as the timetable does.
    for (const { id } of await world.in(async () => (await tenantDb()('webhook_events').where({ status: 'received' }).orderBy('id').select('id')) as Array<{ id: number }>)) await work(id)
  }

  /** Everything that money is, by names that both runs share. */
  async function books(): Promise<{ entries: string[]; rows: object[][]; events: unknown; findings: unknown[] }> {
    return world.in(async () => {
      const disputes = new Map(((await tenantDb()('disputes').select('id', 'gateway_dispute_id')) as Array<{ id: number; gateway_dispute_id: string }>).map((d) => [d.id, d.gateway_dispute_id]))
      const entries = (await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id').select('t.business_key', 'a.code', 'e.amount_minor', 'e.invoice_id', 'e.payment_id')) as
        Array<{ business_key: string; code: string; amount_minor: number; invoice_id: number | null; payment_id: number | null }>
      const named = entries.map((e) => [e.business_key.replace(/^dispute:(\d+)/, (_all, id: string) => `dispute:${disputes.get(Number(id))}`), e.code, e.amount_minor, e.invoice_id, e.payment_id].join(' ')).sort()
      const rows = [
        await tenantDb()('payments').orderBy('id').select('id', 'status', 'amount_minor', 'gateway_payment_id'), await tenantDb()('refunds').orderBy('id').select('payment_id', 'status', 'amount_minor'),
        await tenantDb()('invoices').orderBy('id').select('id', 'status', 'paid_minor', 'credited_minor'), await tenantDb()('disputes').orderBy('gateway_dispute_id').select('gateway_dispute_id', 'payment_id', 'status', 'amount_minor'),
        await tenantDb()('ledger_accounts').orderBy('code').select('code', 'balance_minor'),
      ]
      const events = await tenantDb()('webhook_events').groupBy('status').orderBy('status').select('status').count({ n: '*' })
      return { entries: named, rows, events, findings: await auditTenant() }
    })
  }

  const tables = async (database: string): Promise<string[]> => (await rowsOf(world.admin, `select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE'`, [database])).map((t) => String(t['name']))
  /** Copies the shop's rows aside, or puts them back as they were. */
  async function copyRows(from: string, to: string, make: boolean): Promise<void> {
    if (make) await world.admin.query(`create database ${quoteName(to)}`)
    await world.admin.query('set foreign_key_checks = 0')
    for (const table of await tables(from)) {
      const [source, target] = [`${quoteName(from)}.${quoteName(table)}`, `${quoteName(to)}.${quoteName(table)}`]
      if (make) await world.admin.query(`create table ${target} as select * from ${source}`)
      else {
        const columns = (await rowsOf(world.admin, `select column_name as name from information_schema.columns where table_schema = ? and table_name = ? and extra not like '%GENERATED%'`, [to, table])).map((c) => quoteName(String(c['name']))).join(', ')
        await world.admin.query(`delete from ${target}; insert into ${target} (${columns}) select ${columns} from ${source}`)
      }
    }
    await world.admin.query('set foreign_key_checks = 1')
  }

  it(`of ${EVENTS} × ${COPIES}, shuffled, by ${WORKERS} workers, leaves the ledger of the ordered run`, async () => {
    const roll = dice(seedOf('STORM_SEED', process.env))
    await world.in(history)
    const calm = letters()
    await copyRows(world.acme.db.database, keep(), true)
    await storm(calm, 1)
    const ordered = await books()
    expect(ordered.findings).to.deep.equal([])
    expect(new Set(ordered.rows[0]!.map((p) => (p as { status: string }).status))).to.deep.equal(new Set(['succeeded']))
    await copyRows(keep(), world.acme.db.database, false)
    const shuffled = calm.flatMap((letter) => Array.from({ length: COPIES }, () => ({ letter, place: roll(2 ** 30) }))).sort((a, b) => a.place - b.place).map((each) => each.letter)
    await storm(shuffled, WORKERS)
    expect(await books()).to.deep.equal(ordered)
    expect(await world.in(async () => (await tenantDb()('webhook_events').pluck('event_id')).length)).to.equal(EVENTS)
  })
})
