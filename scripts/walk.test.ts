// One walk through everything, as the people do it, in a real browser: longer than other tests because it is one story.
import { expect } from 'chai'
import type { Browser, Page } from 'puppeteer'
import { centralDirectory } from '../central/directory.js'
import { runInTenant } from '../shared/tenancy/context.js'
import { invoiceHtml } from '../tenant/billing/invoices/documents/invoice-document.js'
import { Invoice } from '../tenant/billing/invoices/invoice.js'
import { advanceClock } from './advance-clock.js'
import { axeFindings, fill, freshPage, openBrowser, press, textOf, untilShows } from './testing/browser.js'
import { startProduct, staffLogin, type Product } from './testing/product.js'

describe('a reseller opens, a customer works, everybody is paid', function () {
  this.timeout(180_000)
  this.bail(true)
  let product: Product
  let browser: Browser
  let [staff, owner, customer] = [] as unknown as [Page, Page, Page]
  const complaints: string[] = []
  const leaks: string[] = []
  const password = 'three green paper boats'
  const shop = () => product.at('nova.localhost')
  const platform = (path: string) => product.at('ezscale.localhost') + path
  const lastMail = (to: string, about: RegExp) => product.outside.mail.mails.filter((m) => m.to.includes(to) && about.test(m.subject)).at(-1)

  async function mailed(to: string, about: RegExp) {
    for (let i = 0; i < 100 && !lastMail(to, about); i++) await new Promise((done) => setTimeout(done, 200))
    const mail = lastMail(to, about)
    if (!mail) throw new Error(`no letter "${about}" to ${to}; there are: ${product.outside.mail.mails.map((m) => `${m.to}: ${m.subject}`).join(' | ')}`)
    return mail
  }
  const linkIn = (text: string, part: string): string => {
    const link = [...text.matchAll(/https?:\/\/[^\s)\]"'<>]+/g)].map((m) => m[0]).find((url) => url.includes(part))
    if (!link) throw new Error(`no link with ${part} in: ${text}`)
    return link
  }
  /** What customers see must not name the platform. */
  async function look(page: Page): Promise<void> {
    const html = await page.content()
    if (/ezscale/i.test(html)) leaks.push(`${page.url()}: …${/.{60}ezscale.{40}/is.exec(html)?.[0] ?? ''}…`)
    expect(await axeFindings(page)).to.deep.equal([])
  }

  before(async () => {
    product = await startProduct({ worker: true })
    browser = await openBrowser()
    staff = await freshPage(browser, complaints)
    owner = await freshPage(browser, complaints)
    customer = await freshPage(browser, complaints)
  })
  after(async () => {
    await browser?.close()
    await product?.stop()
  })

  it('staff opens a reseller and watches it go live', async () => {
    await staff.goto(product.at('admin.ezscale.localhost'))
    await fill(staff, staffLogin)
    await press(staff, 'Sign in')
    expect(await axeFindings(staff)).to.deep.equal([])
    await staff.goto(product.at('admin.ezscale.localhost') + '/resellers/new')
    await fill(staff, { name: 'Nova Desks', host: 'nova.localhost', ownerName: 'Nina Nova', ownerEmail: 'nina@nova.example', discountPercent: '5' })
    await staff.click('main [name="sandbox"]')
    expect(await axeFindings(staff)).to.deep.equal([])
    await press(staff, 'Open reseller')
    await untilShows(staff, /How it was opened/)
    expect(await textOf(staff)).to.match(/Active/)
    expect(await axeFindings(staff)).to.deep.equal([])
  })

  it('the owner chooses a password by the link in the letter, sets colours and connects payments', async () => {
    const welcome = await mailed('nina@nova.example', /ready/)
    await owner.goto(linkIn(welcome.text, '/set-password/'))
    await fill(owner, { password })
    await press(owner, 'Set password')
    expect(owner.url()).to.equal(platform('/reseller'))
    expect(await axeFindings(owner)).to.deep.equal([])
    await owner.goto(platform('/reseller/branding'))
    await fill(owner, { companyName: 'Nova Desks', primaryColor: '#facc15', legalAddress: '1 Star Road\nLeeds' })
    await press(owner, 'Save branding')
    expect(await axeFindings(owner)).to.deep.equal([])
    await owner.goto(platform('/reseller/gateways'))
    await fill(owner, { secretKey: 'sk_test_nova', publishableKey: 'pk_test_nova' })
    await press(owner, 'Check and connect')
    expect(await textOf(owner)).to.match(/Connected in test mode/)
    await owner.goto(platform('/reseller/workspaces/prices'))
    expect(await axeFindings(owner)).to.deep.equal([])
    // A quarter hour of it is worth more than the least that a card can be charged.
    await fill(owner, { price: '2.40' })
    await press(owner, 'Preview')
    await press(owner, 'Change the price')
    expect(await textOf(owner)).to.match(/\$2\.40/)
  })

  it('a customer signs up on the shop, confirms the address and signs in', async () => {
    await customer.goto(shop())
    await look(customer)
    await customer.goto(`${shop()}/sign-up`)
    await fill(customer, { name: 'Cleo Customer', email: 'cleo@mail.example', password, country: 'GB' })
    await look(customer)
    await press(customer, 'Create')
    const letter = await mailed('cleo@mail.example', /confirm|address|e-mail/i)
    await customer.goto(linkIn(letter.text, '/verify-email/'))
    if (/confirm/i.test(await customer.$eval('main', (main) => main.innerText)) && (await customer.$('main form button'))) await press(customer, await customer.$eval('main form button', (b) => b.innerText.trim()))
    await customer.goto(`${shop()}/account`)
    if (customer.url().includes('/sign-in')) {
      await fill(customer, { email: 'cleo@mail.example', password })
      await press(customer, 'Sign in')
    }
    await look(customer)
  })

  it('ordering without a way to pay is refused with a reason, then a card is saved', async () => {
    await customer.goto(`${shop()}/order/developer_basic`)
    expect(await textOf(customer)).to.match(/at least \$5\.00/)
    await look(customer)
    await press(customer, 'Add payment method')
    await look(customer)
    const away = customer.waitForNavigation({ waitUntil: 'load' })
    await customer.$$eval('main form', (forms) => {
      const form = forms.find((f) => (f as unknown as { action: string }).action.includes('/payment-methods/setup'))
      if (!form) throw new Error('no form to add a method')
      ;(form as unknown as { requestSubmit(): void }).requestSubmit()
    })
    await away
    if (customer.url().startsWith(shop())) await press(customer, await customer.$eval('main form button, main a.btn', (b) => (b as unknown as { innerText: string }).innerText.trim()))
    await Promise.all([customer.waitForNavigation({ waitUntil: 'load' }), customer.$eval('form button', (b) => (b as unknown as { click(): void }).click())])
    expect(customer.url()).to.match(/^http:\/\/nova\.localhost/)
  })

  it('orders a workspace, sees it come up, opens it and stops it', async () => {
    await customer.goto(`${shop()}/order/developer_basic`)
    await customer.$eval('main [name="template"]', (radio) => (radio as unknown as { click(): void }).click())
    await fill(customer, { name: 'api-box' })
    await look(customer)
    await press(customer, 'Order workspace')
    await untilShows(customer, /Running for/, 30_000)
    await look(customer)
    const ready = await mailed('cleo@mail.example', /ready/)
    expect(ready.html).not.to.match(/ezscale/i)
    expect(product.outside.kasm.alive).to.have.length(1)
    await press(customer, 'Stop', 'stays')
    await untilShows(customer, /Stopped/, 20_000)
    await look(customer)
    expect(await textOf(customer)).to.match(/\$0\.60/)
  })

  it('a month later the invoice is paid, its PDF opens and the letter has it', async () => {
    const tenant = (await centralDirectory.findBySlug('nova-desks'))!
    await advanceClock(tenant, new Date(Date.now() + 32 * 86_400_000), { stepMs: 6 * 3_600_000 })
    await customer.goto(`${shop()}/invoices`)
    await look(customer)
    expect(await textOf(customer)).to.match(/Paid/)
    await Promise.all([customer.waitForNavigation(), customer.$eval('main a[href^="/invoices/"]', (a) => (a as unknown as { click(): void }).click())])
    await look(customer)
    expect(await textOf(customer)).to.match(/api-box[\s\S]*\$0\.60/)
    const pdf = await customer.evaluate(async () => {
      const answer = await fetch(`${(globalThis as unknown as { location: { pathname: string } }).location.pathname}/pdf`)
      return { status: answer.status, type: answer.headers.get('content-type'), start: (await answer.text()).slice(0, 5) }
    })
    expect(pdf).to.deep.equal({ status: 200, type: 'application/pdf', start: '%PDF-' })
    const letter = await mailed('cleo@mail.example', /^Invoice /)
    expect(letter.attachments.map((a) => a.contentType)).to.deep.equal(['application/pdf'])
    expect(letter.attachments[0]!.content.subarray(0, 5).toString()).to.equal('%PDF-')
    // Text in a PDF is drawn, not written: what it is made from must not name the platform, nor must what is written in it.
    const html = await runInTenant(tenant, async () => invoiceHtml((await Invoice.query().first())!))
    expect(html).to.match(/api-box/).and.not.to.match(/ezscale/i)
    expect(letter.attachments[0]!.content.toString('latin1')).not.to.match(/ezscale/i)
    const charges = product.outside.stripe.account('nova').all('payment_intent').filter((intent) => intent['status'] === 'succeeded')
    expect(charges.map((intent) => intent['amount'])).to.deep.equal([60])
  })

  it('the owner finds the wholesale invoice in the reseller area, staff finds it in the console', async () => {
    await owner.goto(platform('/reseller/bills'))
    expect(await textOf(owner)).to.match(/WS-\d{4}-00001/)
    await Promise.all([owner.waitForNavigation(), owner.$eval('main a[href^="/reseller/bills/"]', (a) => (a as unknown as { click(): void }).click())])
    expect(await textOf(owner)).to.match(/Developer Basic workspace[\s\S]*Platform fee|Platform fee[\s\S]*Developer Basic workspace/)
    expect(await axeFindings(owner)).to.deep.equal([])
    await staff.goto(product.at('admin.ezscale.localhost') + '/wholesale')
    expect(await textOf(staff)).to.match(/Nova Desks/)
    for (const path of ['/', '/resellers', '/failures', '/jobs', '/wholesale']) {
      await staff.goto(product.at('admin.ezscale.localhost') + path)
      expect(await axeFindings(staff)).to.deep.equal([])
    }
  })

  it('no page and no letter of the shop names the platform, and no script was refused', () => {
    const letters = product.outside.mail.mails.filter((m) => m.to.includes('cleo@mail.example'))
    expect(letters.length).to.be.greaterThan(2)
    for (const mail of letters) if (/ezscale/i.test(mail.raw.replace(/^Received:.*(\n[ \t].*)*/gm, ''))) leaks.push(`letter ${mail.subject}: ${/.{80}ezscale.{40}/is.exec(mail.raw)?.[0]}`)
    expect(leaks).to.deep.equal([])
    expect(complaints).to.deep.equal([])
  })
})
