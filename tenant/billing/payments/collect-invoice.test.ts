import { expect } from 'chai'
import { FormErrors, OutsideError } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import '../../timetable.js'
import { newInvoice } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { Invoice } from '../invoices/invoice.js'
import { connectStripe } from './gateways/connect-account.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { collectDue } from './collect-due.js'

describe('Collecting', () => {
  const world = usePaymentWorld()
  /** As renewals have it: charged to the saved method at that instant. */
  const dueInvoice = async (userId: number, amountMinor: number, collectAt: string): Promise<Invoice> => {
    const made = await newInvoice(userId, amountMinor)
    return Invoice.query().patchAndFetchById(made.id, { collectAt: new Date(collectAt) })
  }
  const status = async (invoice: Invoice): Promise<string> => (await Invoice.findOwned({ id: invoice.id })).status

  it('an issued invoice is paid from the saved card by itself', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await dueInvoice(customer.id, 500, '2026-11-10T09:00:00.000Z')
    await world.jobs()
    expect([await status(invoice), world.taken()]).to.deep.equal(['paid', 1])
  })).timeout(60_000) // the letter with the invoice starts a browser

  it('an invoice whose nudge got lost is found; one without a card to charge is left alone, and so is one that is collected later', () => world.in(async () => {
    const [ann, bob] = [await world.customer(), await world.customer()]
    await world.card(ann)
    const at = '2026-11-10T09:00:00.000Z'
    const [forgotten, cardless, ordered] = [await dueInvoice(ann.id, 500, '2026-11-10T09:10:00.000Z'), await dueInvoice(bob.id, 600, at), await newInvoice(ann.id, 700)]
    await tenantDb()('events').update({ dispatched_at: new Date() }) // the nudges are lost
    await collectDue(new Date('2026-11-10T09:09:59.999Z'))
    await world.jobs()
    expect(await status(forgotten)).to.equal('open')
    await collectDue(new Date('2026-11-10T09:10:00.000Z'))
    await world.jobs()
    expect([await status(forgotten), await status(cardless), await status(ordered)]).to.deep.equal(['paid', 'open', 'open'])
  }))

  it('leaves the other shop untouched', async () => {
    const before = await world.checksum(world.globex)
    await world.in(async () => {
      const customer = await world.customer()
      await world.card(customer)
      await newInvoice(customer.id, 500)
    })
    await world.jobs()
    expect(await world.checksum(world.globex)).to.equal(before)
    expect(world.taken(world.globex)).to.equal(0)
  })

  describe('connecting a Stripe account', () => {
    beforeEach(() => world.in(() => tenantDb()('gateway_accounts').delete().then(() => undefined)))

    it('checks the key, seals it, and asks Stripe to send events to the shop\'s own address, once', () => world.in(async () => {
      const keys = { secretKey: 'sk_test_fresh', publishableKey: 'pk_test_fresh', apiBase: world.stripe.url }
      const account = await connectStripe(keys)
      expect((await connectStripe(keys)).id).to.equal(account.id)
      const row = JSON.stringify(await tenantDb()('gateway_accounts').first())
      expect(row).not.to.match(/sk_test_|whsec_/)
      const endpoints = world.stripe.account('fresh').all('webhook_endpoint')
      expect(endpoints.map((e) => [e.url, e.api_version])).to.deep.equal([[`http://acme.localhost:3000/webhooks/stripe/${account.publicId}`, '2026-10-28.endive']])
      expect([account.secretKey, account.webhookSecret, account.webhookId]).to.deep.equal(['sk_test_fresh', endpoints[0]!._secret, endpoints[0]!.id])
    }))
    it('keeps nothing when Stripe does not accept the key, or when it is no key', () => world.in(async () => {
      expect(await connectStripe({ secretKey: 'sk_test_invalid_key', publishableKey: null, apiBase: world.stripe.url }).catch((e: unknown) => e)).to.be.instanceOf(OutsideError)
      expect(await connectStripe({ secretKey: 'pk_test_1', publishableKey: null }).catch((e: unknown) => e)).to.be.instanceOf(FormErrors)
      expect(await GatewayAccount.current()).to.equal(null)
    }))
    it('a sealed key moved to another shop does not open', async () => {
      const row = await world.in(async () => {
        await connectStripe({ secretKey: 'sk_test_fresh', publishableKey: null, apiBase: world.stripe.url })
        return tenantDb()('gateway_accounts').first<Record<string, unknown>>()
      })
      await world.in(async () => {
        await tenantDb()('gateway_accounts').insert(row)
        const stolen = (await GatewayAccount.current())!
        expect(() => stolen.open()).to.throw()
      }, world.globex)
    })
  })
})
