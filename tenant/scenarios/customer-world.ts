/**
 * Customers who act on the shop's pages while months pass: orders, changes, cancellations and payments go through HTTP; in between every schedule and job of both
 * shops runs, as a worker runs them. Letters are written but not sent: no mail server and no browser stand by.
 */
import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { runSchedules, schedules } from '../../shared/jobs/timetable.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { auditTenant } from '../billing/audit.js'
import { subscriptionChecks } from '../billing/subscriptions/audit-subscriptions.js'
import { Invoice } from '../billing/invoices/invoice.js'
import type { PaymentMethod } from '../billing/payments/methods/payment-method.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import type { Customer } from '../customers/customer.js'
import { useOrderWorld, type OrderWorld } from '../testing/order-world.js'
import { billed } from '../testing/subscription-world.js'

type Named = { publicId: string }

export interface CustomerWorld extends OrderWorld {
  /** Moves on to the instant, at most `stepHours` at a time; everything due happens on the way. */
  until(instant: string, stepHours?: number): Promise<void>
  /** What moves money and is due now. */
  step(): Promise<void>
  /** Everything due now, for both shops. */
  turn(): Promise<void>
  /** A verified customer with an address; with a card unless it is null. */
  person(more?: Record<string, unknown>, card?: string | null): Promise<Person>
  /** No identity of the books is broken. */
  sound(): Promise<void>
}

export function useCustomerWorld(): CustomerWorld {
  const world = useOrderWorld() as CustomerWorld
  let globex = ''
  beforeEach(async () => {
    globex = await world.checksum(world.globex)
  })
  afterEach(async function () {
    if (this.currentTest?.state !== 'passed') return
    await world.sound()
    expect(await world.checksum(world.globex), 'globex').to.equal(globex)
  })
  const work = async (): Promise<void> => {
    do await world.in(() => tenantDb()('mail_messages').where({ status: 'waiting' }).update({ status: 'sent', html: '', text: '' }))
    while (await runDueJobs())
  }
  /** On the way only what moves money; everything, for both shops, where time comes to rest. */
  const onTheWay = schedules().filter((s) => s.scope === 'tenant' && /^(subscriptions|payments|dunning|ordering)\./.test(s.name))
  const step = (): Promise<void> => runAsPlatform(async () => {
    for (const entry of onTheWay) await runAsPlatform(() => world.in(() => entry.run(clock.real())))
    await work()
  })
  const turn = (): Promise<void> => runAsPlatform(async () => {
    for (const tenant of [world.acme, world.globex]) await runSchedules(tenant, clock.real())
    await work()
  })
  return Object.assign(world, {
    turn, step,
    until: async (instant: string, stepHours = 24 * 14) => {
      const end = Date.parse(instant)
      while (clock.real().getTime() < end) {
        setClock(new Date(Math.min(end, clock.real().getTime() + stepHours * 3_600_000)))
        await step()
      }
      await turn()
    },
    person: async (more: Record<string, unknown> = {}, card: string | null = 'pm_card_visa') => {
      const customer = await world.buyer(more)
      return new Person(world, customer, card === null ? null : await world.in(() => world.card(customer, card)))
    },
    sound: () => world.in(async () => {
      expect(await auditTenant()).to.deep.equal([])
      for (const check of subscriptionChecks) expect(((await tenantDb().raw(check.sql)) as [unknown[]])[0], check.name).to.deep.equal([])
    }),
  })
}

/** Somebody with a browser. Signs in anew for each act: sessions do not live for months. */
export class Person {
  constructor(private readonly world: CustomerWorld, readonly customer: Customer, readonly card: PaymentMethod | null) {}

  private browser = () => this.world.shop.as(this.customer.id)

  /** Cart, coupon, review, order; paid with the card when there is one. The new subscription. */
  async order(plan: Named, { fields = {}, code, pay = this.card?.publicId ?? 'later' }: { fields?: Record<string, string>; code?: string; pay?: string } = {}): Promise<Subscription> {
    const browser = await this.browser()
    await this.world.put(browser, plan, fields)
    if (code) {
      await browser.get('/cart')
      expect((await browser.post('/cart/codes', { code })).status, `coupon ${code}`).to.equal(303)
    }
    const answer = await this.world.checkOut(browser, { pay })
    if (answer.status !== 303) throw new Error(`The order was answered ${answer.status}: ${said(answer.body)}`)
    await this.world.turn()
    return this.world.in(async () => (await Subscription.query().where({ userId: this.customer.id }).orderBy('id', 'desc').first())!)
  }

  /** Choose, look, confirm. What the preview said is charged, and the saved card pays at once. */
  async change(subscription: Named, plan: Named, fields: Record<string, string> = {}): Promise<string> {
    const browser = await this.browser()
    const home = `/subscriptions/${subscription.publicId}`
    await browser.get(`${home}/change`)
    const chosen = await browser.post(`${home}/change`, { plan: plan.publicId, quantity: '1', ...fields })
    if (chosen.status !== 303) throw new Error(`The change was answered ${chosen.status}: ${said(chosen.body)}`)
    const preview = (await browser.follow()).body
    const done = await browser.post(/action="([^"]+\/confirmation)"/.exec(preview)![1]!)
    if (done.status !== 303) throw new Error(`The confirmation was answered ${done.status}: ${said(done.body)}`)
    await this.world.turn()
    return preview
  }

  async cancel(subscription: Named, timing: 'now' | 'end'): Promise<void> {
    const answer = await (await this.browser()).fill(`/subscriptions/${subscription.publicId}/cancellation`, { timing, reason: 'other', comment: '' })
    expect(answer.status, said(answer.body)).to.equal(303)
    await this.world.turn()
  }

  async keep(subscription: Named): Promise<void> {
    const answer = await (await this.browser()).fill(`/subscriptions/${subscription.publicId}`, { _method: 'delete' }, `/subscriptions/${subscription.publicId}/cancellation`)
    expect(answer.status).to.equal(303)
    await this.world.turn()
  }

  /** Pays the newest open invoice with the card, on its page. */
  async pay(method: Named = this.card!): Promise<void> {
    const invoice = await this.world.in(async () => (await Invoice.query().where({ userId: this.customer.id, status: 'open' }).orderBy('id', 'desc').first())!)
    const page = `/invoices/${invoice.publicId}/payment`
    const browser = await this.browser()
    const after = /name="after" value="(\d+)"/.exec((await browser.get(page)).body)?.[1] ?? '0'
    const answer = await browser.post(page, { method: method.publicId, after })
    expect(answer.status, said(answer.body)).to.equal(303)
    await this.world.turn()
  }

  /** `order 1000 paid`, oldest first. */
  invoices = (): Promise<string[]> => this.world.in(async () => (await Invoice.query().where({ userId: this.customer.id }).orderBy('id')).map((i) => `${i.kind} ${i.totalMinor} ${i.status}`))
  lines = ({ id }: Subscription): Promise<string[]> => this.world.in(() => billed(id))
  reload = ({ id }: Subscription): Promise<Subscription> => this.world.in(() => Subscription.findOwned<Subscription>({ id }))
  /** What the gateway took, in minor units. */
  taken = (): Promise<number> => this.world.in(async () => Number(((await tenantDb()('payments').where({ user_id: this.customer.id, status: 'succeeded' }).sum({ n: 'amount_minor' }).first()) as { n: string | null }).n ?? 0))
}

const said = (body: string): string => [...body.matchAll(/class="(?:field-error|notice|flash)[^"]*"[^>]*>(.*?)<\/(?:p|div)>/gs)].map((m) => m[1]!.replaceAll(/<[^>]+>/g, ' ').trim()).join(' | ') || body.slice(0, 500)
