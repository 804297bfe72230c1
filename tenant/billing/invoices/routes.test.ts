import { expect } from 'chai'
import { Router } from 'express'
import { config, overrideConfig } from '../../../shared/config.js'
import { createApp } from '../../../shared/http/app.js'
import { signIn } from '../../../shared/http/session.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { loadAttachments } from '../../../shared/mail/attachments.js'
import { closePdf } from '../../../shared/pdf/render-pdf.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import { setClock } from '../../../shared/testing/world.js'
import { catalogRoutes } from '../../catalog/routes.js'
import { Plan } from '../../catalog/plan.js'
import { seedCatalog } from '../../catalog/seed-plans.js'
import { changePrice } from '../../catalog/change-price.js'
import { findUser } from '../../customers/guard.js'
import { newCustomer, newInvoice, newRun, newService, usd, useBillingWorld } from '../../scenarios/billing-world.js'
import { addCredit } from '../credit/add-credit.js'
import { creditRoutes } from '../credit/routes.js'
import { closeEndedMonths } from '../usage/close-month.js'
import { invoiceHtml } from './documents/invoice-document.js'
import type { Invoice } from './invoice.js'
import { mailInvoice } from './mailer.js'
import { invoicesRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, catalogRoutes, invoicesRoutes, creditRoutes)

describe('The customer’s bills', () => {
  const world = useBillingWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  const as = async (userId: number, host = 'acme.localhost'): Promise<Browser> => {
    const browser = server.browser(host)
    await browser.get(`/test-sign-in/${userId}`)
    return browser
  }
  /** A customer with an invoice of November: one run over midnight of the 5th. */
  const billed = async (name = 'api-box'): Promise<{ userId: number; invoice: Invoice }> => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId, name, 600_000), '2026-11-05T23:50:00Z', '2026-11-06T04:05:00Z')
    return { userId, invoice: (await closeEndedMonths(userId))[0]! }
  })
  beforeEach(() => setClock('2026-12-01T02:00:00.000Z'))
  after(() => closePdf())

  it('are listed with what is due, and empty pages say what will come', async () => {
    const { userId, invoice } = await billed()
    const page = await (await as(userId)).get('/invoices')
    expect(page.status).to.equal(200)
    for (const text of ['INV-2026-00001', '$2.55', 'Dec 8, 2026', 'Due', `/invoices/${invoice.publicId}`, 'To pay: $2.55']) expect(page.body).to.contain(text)
    expect((await (await as(await world.in(() => newCustomer()))).get('/invoices')).body).to.contain('No invoices yet')
  })

  it('can be filtered and sorted, whatever stands in the address bar', async () => {
    const userId = await world.in(async () => {
      const id = await newCustomer()
      await newInvoice(id, 0)
      await newInvoice(id, 700)
      return id
    })
    const browser = await as(userId)
    const numbers = async (path: string) => [...(await browser.get(path)).body.matchAll(/>(INV-[\d-]+)</g)].map((m) => m[1])
    expect(await numbers('/invoices?show=paid')).to.deep.equal(['INV-2026-00001'])
    expect(await numbers('/invoices?show=due')).to.deep.equal(['INV-2026-00002'])
    expect(await numbers('/invoices?sort=-total')).to.deep.equal(['INV-2026-00002', 'INV-2026-00001'])
    expect(await numbers('/invoices?sort=total')).to.deep.equal(['INV-2026-00001', 'INV-2026-00002'])
    for (const odd of ['?show=__proto__', '?sort=user_id;drop', '?page=-1', '?show=due&show=paid']) expect((await browser.get(`/invoices${odd}`)).status, odd).to.equal(200)
    expect((await browser.get('/invoices?show=void')).body).to.contain('No such invoices')
  })

  it('show every run, lead to the service and to the payment', async () => {
    const { userId, invoice } = await billed()
    const { body } = await (await as(userId)).get(`/invoices/${invoice.publicId}`)
    for (const text of ['1 run, 255 min at $0.60/h', 'Nov 5, 2026', '255', 'Acme Hosting Ltd.', 'Casey Customer', `/invoices/${invoice.publicId}/payment`, 'Pay $2.55', '/services/']) expect(body).to.contain(text)
    expect(body).to.not.match(/ezscale/i)
  })

  it('say paid when credit has paid them, and ask for no money', async () => {
    const userId = await world.in(() => newCustomer())
    await world.in(() => addCredit({ userId, amount: usd(1000), key: 'gift', description: 'Gift' }))
    const invoice = await world.in(() => newInvoice(userId, 300))
    const { body } = await (await as(userId)).get(`/invoices/${invoice.publicId}`)
    expect(body).to.contain('Paid from credit').and.contain('-$3.00')
    expect(body).to.not.contain('Pay $')
    const credit = await (await as(userId)).get('/credit')
    for (const text of ['$7.00', '-$3.00', 'INV-2026-00001', 'Gift']) expect(credit.body).to.contain(text)
  })

  it('belong to their customer: for anybody else, and in another shop, they do not exist', async () => {
    const { invoice } = await billed()
    const stranger = await as(await world.in(() => newCustomer()))
    for (const path of ['', '/pdf', '/runs.csv']) expect((await stranger.get(`/invoices/${invoice.publicId}${path}`)).status, path).to.equal(404)
    const other = await as(await world.in(() => newCustomer(), world.globex), 'globex.localhost')
    expect((await other.get(`/invoices/${invoice.publicId}`)).status).to.equal(404)
    const guest = await server.browser('acme.localhost').get(`/invoices/${invoice.publicId}`)
    expect([guest.status, guest.headers.location]).to.deep.equal([303, `/sign-in?next=${encodeURIComponent(`/invoices/${invoice.publicId}`)}`])
  })

  it('come as a PDF in our fonts', async () => {
    const { userId, invoice } = await billed()
    const answer = await (await as(userId)).get(`/invoices/${invoice.publicId}/pdf`)
    expect(answer.headers['content-type']).to.equal('application/pdf')
    expect(answer.headers['content-disposition']).to.equal('inline; filename="INV-2026-00001.pdf"')
    expect(answer.body.slice(0, 5)).to.equal('%PDF-')
    expect(answer.body).to.contain('PlusJakartaSans')
  })

  it('print a hostile name as text and load nothing from anywhere', async () => {
    const { invoice } = await billed('<iframe src=file:///etc/passwd><img src=http://127.0.0.1>')
    const html = await world.in(() => invoiceHtml(invoice))
    expect(html).to.contain('&lt;iframe src&#x3D;file:///etc/passwd&gt;')
    expect(html).to.not.match(/<(img|iframe|script|link|object|embed)\b/i)
    expect(html).to.not.match(/(src|href)=["']?(?!data:)/i)
    expect(html).to.not.match(/url\((?!["']?data:)/i)
    expect(html).to.not.match(/ezscale/i)
  })

  it('give their runs as CSV that no spreadsheet takes for a formula', async () => {
    const { userId, invoice } = await billed('=HYPERLINK("http://x")')
    const answer = await (await as(userId)).get(`/invoices/${invoice.publicId}/runs.csv`)
    expect(answer.headers['content-disposition']).to.contain('INV-2026-00001-runs.csv')
    expect(answer.body.split('\r\n')).to.deep.equal([
      'Invoice,Service,Start (UTC),Stop (UTC),Minutes,Billed minutes,Rate', `INV-2026-00001,"'=HYPERLINK(""http://x"")",2026-11-05T23:50:00.000Z,2026-11-06T04:05:00.000Z,255,255,$0.60/h`, '',
    ])
  })

  it('go out as a page when no browser can print them, after three tries', async () => {
    const { invoice } = await billed()
    const works = config().CHROMIUM_PATH
    await closePdf()
    overrideConfig({ CHROMIUM_PATH: '/nowhere/chromium' })
    try {
      await world.in(async () => {
        const load = () => loadAttachments([{ kind: 'invoice-pdf', id: invoice.id }])
        for (let i = 0; i < 3; i++) expect(await load().then(() => 'made', (e: Error) => e.name)).to.equal('OutsideError')
        const [page] = await load()
        expect(page).to.include({ filename: 'INV-2026-00001.html', contentType: 'text/html' })
        expect(page!.content.toString()).to.contain('INV-2026-00001').and.contain('$2.55')
      })
    } finally {
      overrideConfig({ CHROMIUM_PATH: works })
    }
  })

  it('are mailed once, with the document attached', async () => {
    const { invoice } = await billed()
    await world.in(async () => {
      await mailInvoice(invoice.id)
      await mailInvoice(invoice.id)
      const letters = await tenantDb()('mail_messages').select('subject', 'html', 'text', 'attachments')
      expect(letters).to.have.length(1)
      expect(letters[0].subject).to.equal('Invoice INV-2026-00001 from Acme Hosting')
      for (const text of ['$2.55', 'December 8, 2026', '255 min']) expect(letters[0].text).to.contain(text.replace('December', 'Dec'))
      expect(letters[0].html).to.not.match(/ezscale(?!\.localhost)/i)
      const [pdf] = await loadAttachments([{ kind: 'invoice-pdf', id: invoice.id }])
      expect(pdf).to.include({ filename: 'INV-2026-00001.pdf', contentType: 'application/pdf' })
    })
  })
})

describe('The shop front', () => {
  const world = useBillingWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))

  it('shows the six plans at the reseller’s own prices, what a month comes to, and how billing works', async () => {
    await world.in(async () => {
      await seedCatalog(world.acme)
      await changePrice(await Plan.findOwned({ slug: 'developer_pro' }), { priceMicros: 450_000 })
    })
    for (const path of ['/', '/workspaces/plans']) {
      const { status, body } = await server.browser('acme.localhost').get(path)
      expect(status).to.equal(200)
      for (const text of ['Developer Basic', '$0.15', '$0.45', 'Business Enterprise', '$0.80', '16 GB', '8 vCPU', 'About $26 a month at 40 hours a week', '/order/developer_basic', 'quarter hour', '$5.00']) expect(body, `${path} ${text}`).to.contain(text)
      expect(body).to.not.match(/ezscale/i)
    }
  })

  it('keeps what a reseller changed when it is seeded again, and copies wholesale prices', () => world.in(async () => {
    world.directory.prices = [{ sku: 'kasm.developer_basic', unit: 'hour', currency: 'USD', priceMicros: 105_000 }]
    expect(await seedCatalog(world.acme)).to.equal(6)
    const plan = await Plan.findOwned({ slug: 'developer_basic' })
    expect(plan.wholesalePriceMicros).to.equal(105_000)
    expect(await changePrice(plan, { priceMicros: 100_000 })).to.deep.equal({ belowCost: true })
    expect(await changePrice(plan, { priceMicros: 250_000 })).to.deep.equal({ belowCost: false })
    expect(await seedCatalog(world.acme)).to.equal(6)
    expect(await Plan.query().resultSize()).to.equal(6)
    expect(await Plan.findOwned({ slug: 'developer_basic' })).to.include({ priceMicros: 250_000, version: 3 })
    const events = await tenantDb()('events').where({ type: 'plan.price-changed' })
    expect(events).to.have.length(2)
  }))

  it('refuses impossible prices and a change by somebody who looked at an old one', () => world.in(async () => {
    await seedCatalog(world.acme)
    const plan = await Plan.findOwned({ slug: 'developer_basic' })
    for (const bad of [-1, 0.5, 1_000_000_100, 150_001, NaN]) expect(await changePrice(plan, { priceMicros: bad }).then(() => 'set', (e: Error) => e.name), String(bad)).to.equal('FormErrors')
    const stale = await Plan.findOwned({ slug: 'developer_basic' })
    await changePrice(plan, { priceMicros: 200_000 })
    expect(await changePrice(stale, { priceMicros: 300_000 }).then(() => 'set', (e: { code: string }) => e.code)).to.equal('plan.moved')
  }))
})
