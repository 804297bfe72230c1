/** A real Chromium for end-to-end tests: signed-in pages, screenshots on failure, axe. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import puppeteer, { type Browser, type Page } from 'puppeteer'
import { config } from '../../shared/config.js'

export const openBrowser = (): Promise<Browser> => puppeteer.launch({
  executablePath: config().CHROMIUM_PATH,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.localhost 127.0.0.1'],
})

/** A page in a fresh cookie jar, whose script errors and policy violations fail the test that reads `complaints`. */
export async function freshPage(browser: Browser, complaints: string[]): Promise<Page> {
  const page = await (await browser.createBrowserContext()).newPage()
  await page.setViewport({ width: 1280, height: 900 })
  page.setDefaultTimeout(90_000)
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${(error as Error).message}`))
  page.on('console', (message) => void (/Content Security Policy|Refused to/.test(message.text()) && complaints.push(`${page.url()}: ${message.text()}`)))
  return page
}

export async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    const tag = await page.$eval(`main [name="${name}"]`, (element) => element.tagName)
    if (tag === 'SELECT') await page.select(`main [name="${name}"]`, value)
    else await page.$eval(`main [name="${name}"]`, (element, text) => void ((element as unknown as { value: string }).value = text), value)
  }
}

/** Presses the button with these words, in the page's main part, and waits for the next page; `stays`: for one that changes the page it is on. */
export async function press(page: Page, words: string, stays: 'stays' | 'goes on' = 'goes on'): Promise<void> {
  const handles = await page.$$('main button, main a.btn')
  for (const handle of handles) {
    const text = await handle.evaluate((element) => (element.textContent ?? '').trim())
    if (!text.startsWith(words)) continue
    if (stays === 'stays') return void (await handle.evaluate((element) => (element as unknown as { click(): void }).click()))
    await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), handle.evaluate((element) => (element as unknown as { click(): void }).click())])
    return
  }
  throw new Error(`There is no button "${words}" on ${page.url()}: ${await page.$eval('body', (body) => body.innerText.slice(0, 600))}`)
}

export const textOf = (page: Page): Promise<string> => page.$eval('body', (body) => body.innerText)

/** Waits until the page, reloaded or moving by itself, shows these words. */
export async function untilShows(page: Page, words: RegExp, ms = 20_000): Promise<void> {
  const end = Date.now() + ms
  while (Date.now() < end) {
    const text = await textOf(page).catch(() => '')
    if (words.test(text)) return
    await new Promise((done) => setTimeout(done, 250))
  }
  throw new Error(`${page.url()} never showed ${words}: ${(await textOf(page)).slice(0, 800)}`)
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
interface Violation { id: string; impact: string; nodes: Array<{ html: string }> }

/** Serious and critical findings in light and in dark, as short lines; empty is good. */
export async function axeFindings(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const theme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
    await page.evaluate(axeSource)
    const violations = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations)')) as Violation[]
    for (const v of violations) if (v.impact === 'serious' || v.impact === 'critical') found.push(`${page.url()} (${theme}) ${v.id}: ${v.nodes[0]?.html.slice(0, 160)}`)
  }
  await page.emulateMediaFeatures([])
  return found
}
