// One story in a real browser: a workspace runs past a quarter hour on the sandbox clock, is stopped by keyboard on a phone, and costs the same everywhere.
import { expect } from 'chai'
import type { Browser, Page } from 'puppeteer'
import type { Tenant } from '../shared/tenancy/tenant.js'
import { clock } from '../shared/time/clock.js'
import { UsageSession } from '../tenant/kasm/metering/usage-session.js'
import { advanceClock } from './advance-clock.js'
import { axeFindings, openBrowser, textOf, untilShows } from './testing/browser.js'
import { startProduct, type Product } from './testing/product.js'
import { openShop, order, signedIn, type InShop } from './testing/shop-walk.js'

describe('The page of a workspace in a browser', function () {
  this.timeout(180_000)
  this.bail(true)
  let product: Product
  let browser: Browser
  let page: Page
  let tenant: Tenant
  let inShop: InShop
  let href = ''
  let receipt = ''
  let cost = ''
  const complaints: string[] = []
  const open = (path: string) => page.goto(`${product.at('nova.localhost')}${path}`, { waitUntil: 'load' })

  /** Presses Tab until the control with these words has the focus, then Enter; a person without a mouse does no more. */
  async function byKeyboard(words: string): Promise<void> {
    for (let n = 0; n < 80; n++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate('(document.activeElement?.innerText ?? "").trim()') as string
      if (at !== words) continue
      await page.keyboard.press('Enter')
      return
    }
    throw new Error(`Tab never comes to "${words}" on ${page.url()}`)
  }
  const sideways = () => page.evaluate('document.documentElement.scrollWidth > window.innerWidth + 1') as Promise<boolean>
  const ticker = () => page.$eval('[data-cost]', (element) => element.textContent ?? '')

  before(async () => {
    product = await startProduct({ worker: true })
    browser = await openBrowser()
    ;({ tenant, inShop } = await openShop('nova', 'Nova Desks'))
    href = await order(inShop, 'api-box')
    page = await signedIn(browser, product, 'nova.localhost', complaints)
    await page.setViewport({ width: 390, height: 844 })
    await open(href)
    await untilShows(page, /Running for/, 60_000)
  })
  after(async () => {
    await browser?.close()
    await product?.stop()
  })

  it('counts past a quarter hour by itself, as the server does, and shows the price of it at once', async () => {
    const run = await inShop(async () => (await UsageSession.query().first())!)
    const soon = new Date(run.startedAt.getTime() + 15 * 60_000 - 8000)
    tenant = (await advanceClock(tenant, soon, { stepMs: 3_600_000 })).tenant
    await open(href)
    expect(await ticker()).to.equal('$0.04')
    for (let n = 0; n < 60 && (await ticker()) === '$0.04'; n++) await new Promise((done) => setTimeout(done, 250))
    expect(await ticker()).to.equal('$0.08')
    const said = await inShop(async () => (await UsageSession.query().findById(run.id))!.cost(clock.now()).minor)
    expect(said, 'the server at the same second').to.equal(8)
  })

  it('keeps the focus and what is open while it refreshes itself', async () => {
    await page.setViewport({ width: 1280, height: 900 })
    await page.focus(`form[action="${href}/restart"] button`)
    await page.evaluate(`htmx.ajax('GET', '${href}/status', { target: '#workspace', swap: 'outerMorph' })`)
    await new Promise((done) => setTimeout(done, 1500))
    expect(await page.evaluate('document.activeElement?.innerText.trim()')).to.equal('Restart')
  })

  it('stops by keyboard at 390 pixels, and page, history, receipt and invoice tell the same cost', async () => {
    await page.setViewport({ width: 390, height: 844 })
    await open(href)
    cost = await ticker()
    await byKeyboard('Stop')
    await untilShows(page, /Stopped/, 40_000)
    expect(await textOf(page)).to.contain(cost)
    receipt = await page.$eval('#workspace a[href*="/runs/"]', (a) => a.getAttribute('href')!)
    await open(receipt)
    expect(await textOf(page)).to.contain(cost).and.to.contain('on your next usage invoice')
    tenant = (await advanceClock(tenant, new Date((await inShop(async () => clock.now())).getTime() + 32 * 86_400_000), { stepMs: 32 * 86_400_000 })).tenant
    await open(receipt)
    const invoice = await page.$eval('main a[href^="/invoices/"]', (a) => a.getAttribute('href')!)
    await open(invoice)
    expect(await textOf(page)).to.match(/api-box/).and.to.contain(cost)
  })

  it('starts and stops without JavaScript', async () => {
    await page.setJavaScriptEnabled(false)
    const press = async (words: string): Promise<void> => {
      const buttons = await page.$$('#workspace form button')
      for (const button of buttons) {
        const text = await button.evaluate((b) => b.textContent ?? '')
        if (text.trim() === words) return void (await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), button.click()]))
      }
      throw new Error(`There is no button "${words}".`)
    }
    const until = async (words: RegExp): Promise<void> => {
      for (let n = 0; n < 100; n++) {
        await open(href)
        if (words.test(await textOf(page))) return
        await new Promise((done) => setTimeout(done, 300))
      }
      throw new Error(`never ${words}`)
    }
    await open(href)
    await press('Start')
    await until(/Running for/)
    await press('Stop')
    await until(/Stopped/)
    await page.setJavaScriptEnabled(true)
  })

  it('has no page that a screen reader or a phone cannot use, in light and dark', async () => {
    const found: string[] = []
    for (const path of [href, `${href}/usage`, `${href}/activity`, `${href}/settings`, `${href}/change`, `${href}/archive`, receipt, '/services', '/notifications', '/account/notifications']) {
      await open(path)
      if (await sideways()) found.push(`${path} scrolls sideways at 390`)
      found.push(...(await axeFindings(page)))
    }
    expect(found).to.deep.equal([])
    expect(complaints).to.deep.equal([])
  })
})
