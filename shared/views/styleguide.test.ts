import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import puppeteer, { type Browser, type Page } from 'puppeteer'
import { config } from '../config.js'
import { costOf, hourly, roundToMoney } from '../money/rate.js'
import { assetRoutes } from './assets.js'
import { styleguideRoutes } from './styleguide.js'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const policy = "default-src 'none'; script-src 'nonce-n0'; style-src 'self' 'nonce-n0'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
interface Finding { impact: string; id: string; nodes: { target: string[] }[] }

describe('The style guide in a real browser', function () {
  this.timeout(120_000)
  let server: Server
  let browser: Browser
  let page: Page
  let base = ''
  const complaints: string[] = []

  before(async () => {
    const app = express().use('/assets', assetRoutes())
    app.use((_req, res, next) => { res.locals['nonce'] = 'n0'; res.set('Content-Security-Policy', policy); next() })
    app.get('/palette.json', (_req, res) => { res.json([{ label: 'Globex', href: '/resellers/globex', kind: 'Reseller' }, { label: 'Northwind Cloud', href: '/resellers/northwind', kind: 'Reseller' }]) })
    app.get('/favicon.ico', (_req, res) => { res.status(204).end() })
    app.use(styleguideRoutes())
    await new Promise<void>((done) => { server = createServer(app).listen(0, '127.0.0.1', done) })
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await puppeteer.launch({ executablePath: config().CHROMIUM_PATH, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
    page = await browser.newPage()
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }])
    page.on('console', (m) => { if (m.type() === 'error') complaints.push(`${page.url()}: ${m.text()}`) })
    page.on('pageerror', (e) => complaints.push(`${page.url()}: ${String(e)}`))
  })
  after(async () => {
    await browser?.close()
    server?.close()
  })
  beforeEach(() => { complaints.length = 0 })

  async function show(path: string, width = 1280): Promise<void> {
    await page.setViewport({ width, height: 900 })
    await page.goto(base + path, { waitUntil: 'load' })
  }
  async function findings(runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']): Promise<string[]> {
    await page.evaluate(`${axeSource};0`)
    const found = await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ["violations"], preload: false }).then((r) => r.violations)`) as Finding[]
    return found.map((f) => `${f.impact} ${f.id}: ${f.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`)
  }

  for (const theme of ['light', 'dark']) {
    for (const color of ['#0f766e', '#dc2626', '#facc15', '#111827']) {
      it(`can be read in every part with the colour ${color} in the ${theme} theme`, async () => {
        await show(`/styleguide?theme=${theme}&primary=${encodeURIComponent(color)}`)
        expect(await findings(color === '#0f766e' ? undefined : ['color-contrast'])).to.deep.equal([])
        expect(complaints).to.deep.equal([])
      })
    }
    for (const screen of ['shop', 'workspace', 'form', 'auth', 'console', 'error', 'letter', 'invoice']) {
      it(`has an accessible ${screen} screen in the ${theme} theme`, async () => {
        await show(`/styleguide/${screen}?theme=${theme}&sandbox=1`)
        expect(await findings()).to.deep.equal([])
        expect(complaints).to.deep.equal([])
      })
    }
  }

  it('fits 320 pixels without sideways scrolling', async () => {
    for (const screen of ['parts', 'shop', 'workspace', 'form', 'auth', 'console', 'reseller', 'error', 'letter']) {
      await show(`/styleguide/${screen}`, 320)
      expect(await page.evaluate('document.documentElement.scrollWidth'), screen).to.equal(320)
    }
  })

  it('counts a running cost as the bill does, to the second and the cent', async () => {
    await show('/styleguide/workspace')
    const cases = [0, 1, 480, 900, 900.001, 1320, 3900, 9420, 2_678_400].flatMap((seconds) => [150_000, 200_000, 333_333, 12_500, 800_000].map((micros) => [seconds, micros] as const))
    const shown = await page.evaluate(`${JSON.stringify(cases)}.map(([s, m]) => String(window.ezCost(s, m, 2)))`) as string[]
    const billed = cases.map(([seconds, micros]) => String(roundToMoney(costOf(hourly(micros, 'USD'), Math.ceil(seconds / 900) * 900), 'USD').minor))
    expect(shown).to.deep.equal(billed)
  })

  it('remembers the chosen theme and paints it at once', async () => {
    await show('/styleguide/shop?guest=1')
    await page.click('[data-theme-switch] button[value="dark"]')
    expect(await page.evaluate('document.documentElement.dataset.theme + document.cookie')).to.include('dark').and.include('theme=dark')
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).to.equal('rgb(11, 16, 26)')
  })

  it('opens the palette by key, finds, and closes; single keys can be turned off', async () => {
    await show('/styleguide/console')
    await page.waitForFunction('document.querySelector("#palette")?._x_dataStack')
    await page.keyboard.down('Control'); await page.keyboard.press('k'); await page.keyboard.up('Control')
    await page.waitForSelector('#palette[open] .palette-item')
    await page.type('#palette-input', 'north')
    await page.waitForFunction('document.querySelector(".palette-item[aria-selected=true]")?.textContent.includes("Northwind")')
    expect(await page.$$eval('.palette-item', (items) => items.length)).to.equal(1)
    expect(await findings()).to.deep.equal([])
    await page.keyboard.press('Escape')
    expect(await page.$('#palette[open]')).to.equal(null)
    await page.keyboard.press('?')
    await page.waitForSelector('#palette[open]')
    await page.click('.palette-foot input')
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    expect(await page.$('#palette[open]')).to.equal(null)
    await page.evaluate('localStorage.clear()')
    expect(complaints).to.deep.equal([])
  })

  it('sends a form once however often it is submitted, and asks first in a dialog', async () => {
    await show('/styleguide/form')
    const sent = await page.evaluate(`(() => {
      let count = 0
      window.addEventListener('submit', (e) => { if (!e.defaultPrevented) count++; e.preventDefault() })
      const form = document.querySelector('form.form')
      form.requestSubmit(); form.requestSubmit()
      return count
    })()`)
    expect(sent).to.equal(1)
    await show('/styleguide/workspace')
    await page.click('[data-dialog="stop"]')
    expect(await page.$('dialog#stop[open]')).to.not.equal(null)
  })

  it('lets toasts of the server leave by themselves and never shows one twice', async () => {
    await show('/styleguide/shop')
    const count = await page.evaluate(`(async () => {
      const box = document.querySelector('#toasts-urgent')
      for (let i = 0; i < 3; i++) { box.insertAdjacentHTML('beforeend', '<div class="toast"><p>No answer</p></div>'); await new Promise((done) => setTimeout(done)) }
      document.dispatchEvent(new CustomEvent('toast', { detail: { kind: 'good', text: '<b>Saved</b>' } }))
      return [box.children.length, document.querySelector('#toasts').textContent]
    })()`)
    expect(count).to.deep.equal([1, '<b>Saved</b>'])
  })

  it('works with the keyboard: the first tab stop skips to the content', async () => {
    await show('/styleguide/shop')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Skip to content')
    await page.keyboard.press('Enter')
    await page.waitForFunction('document.activeElement.id === "main"')
  })
})
