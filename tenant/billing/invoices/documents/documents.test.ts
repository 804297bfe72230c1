import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../../../shared/http/app.js'
import { signIn } from '../../../../shared/http/session.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { closePdf } from '../../../../shared/pdf/render-pdf.js'
import { useServer, type Browser } from '../../../../shared/testing/browser.js'
import { setClock } from '../../../../shared/testing/world.js'
import { findUser } from '../../../customers/guard.js'
import { newCustomer, newInvoice, newService, useBillingWorld } from '../../../scenarios/billing-world.js'
import { rate, register } from '../../../testing/pricing-world.js'
import { createCreditNote } from '../credit-notes/create-credit-note.js'
import { creditNoteHtml } from './credit-note-document.js'
import type { CreditNote } from '../credit-notes/credit-note.js'
import { draftInvoice, type NewLine } from '../draft-invoice.js'
import { explainLine } from '../explain-line.js'
import { invoiceHtml } from './invoice-document.js'
import { InvoiceLine } from '../invoice-line.js'
import type { Invoice } from '../invoice.js'
import { issueInvoice } from '../issue-invoice.js'
import { mailCreditNote } from '../mailer.js'
import { invoicesRoutes } from '../routes.js'
import { statementHtml } from '../statements/statement-document.js'
import { statementRoutes } from '../statements/statement-routes.js'
import { statementOf } from '../statements/statement.js'

const hostile = '<iframe src=file:///etc/passwd><img src=http://127.0.0.1>'
const words = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/&nbsp;|\s+/g, ' ')
const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, invoicesRoutes, statementRoutes)

async function issued(userId: number, lines: ReadonlyArray<Partial<NewLine>>, memo: string | null = null): Promise<Invoice> {
  const key = `d${Math.random()}`
  return tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, {
    businessKey: key, userId, kind: 'manual', currency: 'USD', memo, lines: lines.map((line, i) => ({ businessKey: `${key}:${i}`, kind: 'manual', description: `Part ${i}`, amountMinor: 1000, ...line })),
  })).invoice))
}

describe('Documents of a customer', () => {
  const world = useBillingWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  const as = async (userId: number): Promise<Browser> => {
    const browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${userId}`)
    return browser
  }
  beforeEach(() => setClock('2026-11-05T12:00:00.000Z'))
  after(() => closePdf())

  const noted = async (): Promise<{ userId: number; invoice: Invoice; note: CreditNote }> => world.in(async () => {
    const userId = await newCustomer()
    const invoice = await newInvoice(userId, 1000)
    return { userId, invoice, note: await createCreditNote({ invoice, lines: 'rest', to: 'invoice', reason: 'Outage', key: 'n' }) }
  })

  it('explain every amount from the line itself: items, part of the period, discount, tax and rounding', () => world.in(async () => {
    await register('DE')
    await rate('DE', 190_000)
    const userId = await newCustomer({ country: 'DE' })
    const period = { start: new Date('2026-11-10T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') }
    const items = [{ label: 'VPS S', quantity: 2, unitMicros: 4_995_000, amountMinor: 999 }]
    const invoice = await issued(userId, [{ amountMinor: 699, period, detail: { items, priceVersion: 3, proration: { wholeMinor: 999, seconds: 1_814_400, ofSeconds: 2_592_000 } } }])
    const [line] = await InvoiceLine.query().where({ invoiceId: invoice.id })
    expect(explainLine(line!, { currency: 'USD', locale: 'en-US', timeZone: 'UTC', inclusive: false })).to.deep.equal([
      { label: 'Period', value: 'Nov 10, 2026 – Nov 30, 2026' }, { label: 'Days begin in', value: 'UTC' }, { label: 'Price list', value: 'Version 3, kept for you since you ordered' }, { label: 'VPS S', value: '2 × $4.995 = $9.99' },
      { label: 'Part of the period', value: '1,814,400 of 2,592,000 seconds of $9.99' }, { label: 'Rounding', value: '699.3000 hundredths became $6.99 (once, half up)' },
      { label: 'Price before tax', value: '$6.99' }, { label: 'VAT 19 %', value: '$1.33' }, { label: 'This line costs', value: '$8.32' },
    ])
  }))

  it('show subtotal, tax by rate, the nickname of the service, and what happens next', async () => {
    const { userId, invoice } = await world.in(async () => {
      await register('DE')
      await rate('DE', 190_000)
      const id = await newCustomer({ country: 'DE' })
      const { serviceId } = await newService(id, 'my-box')
      return { userId: id, invoice: await issued(id, [{ serviceId }], 'Thank you') }
    })
    const page = words((await (await as(userId)).get(`/invoices/${invoice.publicId}`)).body)
    for (const text of ['For my-box', 'Subtotal $10.00', 'VAT 19 % $1.90', 'Total $11.90', 'Please pay $11.90 by November 12, 2026', 'Explain this amount', 'Thank you']) expect(page).to.contain(text)
    const print = await (await as(userId)).get(`/invoices/${invoice.publicId}/print?paper=letter`)
    expect(print.body).to.contain('size: Letter').and.contain('VAT 19 %').and.not.contain('<nav')
  })

  it('print hostile words as text and load nothing, in every field that people fill', () => world.in(async () => {
    const userId = await newCustomer({ name: hostile, company: hostile, address_line1: hostile })
    const { serviceId } = await newService(userId, hostile)
    const invoice = await issued(userId, [{ description: hostile, serviceId, detail: { serviceName: hostile, items: [{ label: hostile, quantity: 1, unitMicros: 1, amountMinor: 1 }] } }], hostile)
    const note = await createCreditNote({ invoice, lines: 'rest', to: 'invoice', reason: hostile, key: 'h' })
    await tenantDb()('ledger_transactions').update({ description: hostile })
    const statement = await statementOf(userId, 'USD', { start: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') })
    for (const html of [await invoiceHtml(invoice), await creditNoteHtml(note), await statementHtml(userId, statement)]) {
      expect(html).to.contain('&lt;iframe src&#x3D;file:///etc/passwd&gt;')
      expect(html).to.not.match(/<(img|iframe|script|link|object|embed)\b/i)
      expect(html).to.not.match(/(src|href)=["']?(?!data:)/i)
      expect(html).to.not.match(/url\((?!["']?data:)/i)
      expect(html).to.not.match(/ezscale/i)
    }
  }))

  it('belong to their customer: credit notes and drafts of others do not exist', async () => {
    const { userId, note, invoice } = await noted()
    const [own, stranger] = [await as(userId), await as(await world.in(() => newCustomer()))]
    expect((await own.get(`/credit-notes/${note.publicId}`)).body).to.contain('CN-2026-00001').and.contain('Outage')
    for (const path of [`/credit-notes/${note.publicId}`, `/credit-notes/${note.publicId}/pdf`, `/invoices/${invoice.publicId}/print`]) expect((await stranger.get(path)).status, path).to.equal(404)
    const draft = await world.in(() => tenantTransaction(async (trx) => (await draftInvoice(trx, { businessKey: 'x', userId, kind: 'manual', currency: 'USD', lines: [] })).invoice))
    for (const path of ['', '/pdf', '/print']) expect((await own.get(`/invoices/${draft.publicId}${path}`)).status, path).to.equal(404)
    expect((await own.get('/invoices')).body).to.not.contain(draft.publicId)
    expect((await server.browser('acme.localhost').get('/statement')).status).to.equal(303)
    expect(words((await stranger.get('/statement')).body)).to.contain('Charged $0.00')
  })

  it('are exported exactly as the list is filtered, and no spreadsheet takes a name for a formula', async () => {
    const userId = await world.in(async () => {
      const id = await newCustomer({ company: '=HYPERLINK("http://x")' })
      for (const amount of [0, 700, 800]) await newInvoice(id, amount)
      await newInvoice(await newCustomer(), 999)
      return id
    })
    const browser = await as(userId)
    const rows = (await browser.get('/invoices.csv?show=due&sort=-total')).body.trim().split('\r\n').slice(1)
    expect(rows.map((row) => row.split(',')[0])).to.deep.equal(['INV-2026-00003', 'INV-2026-00002'])
    expect(rows[0]).to.contain(`"'=HYPERLINK(""http://x"")",USD,8.00,0.00,0.00,8.00,0.00,0.00,8.00`)
    const json = JSON.parse((await browser.get('/invoices.json?q=00002')).body) as { invoices: Array<{ number: string; total: string }> }
    expect(json.invoices).to.have.length(1)
    expect(json.invoices[0]).to.include({ number: 'INV-2026-00002', total: '7.00' })
    const statement = (await browser.get('/statement.csv?from=2026-11-01&until=2026-11-30')).body.trim().split('\r\n')
    expect(statement.at(-1)).to.equal('2026-12-01T00:00:00.000Z,Closing balance,,,15.00,USD')
    for (const odd of ['?from=x', '?from=2026-13-45&until=9', '?from=2027-01-01&until=2026-01-01', '?currency=XXX']) expect((await browser.get(`/statement${odd}`)).status, odd).to.equal(200)
  })

  it('come as PDF on the paper that was asked for, and by mail once', async () => {
    const { userId, invoice, note } = await noted()
    const browser = await as(userId)
    for (const path of [`/credit-notes/${note.publicId}/pdf`, '/statement/pdf', `/invoices/${invoice.publicId}/pdf?paper=letter`]) expect((await browser.get(path)).body.slice(0, 5), path).to.equal('%PDF-')
    await world.in(async () => {
      await mailCreditNote(note.id)
      await mailCreditNote(note.id)
      expect(await tenantDb()('mail_messages').pluck('subject')).to.deep.equal(['Credit note CN-2026-00001 from Acme Hosting'])
    })
  })
})
