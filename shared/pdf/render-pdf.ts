/**
 * The door to the browser that makes PDFs. The HTML is treated as hostile although we wrote the template: it carries text of customers.
 * Three walls, each enough alone: no script; every request but data: is aborted (interception and CSP); the browser's proxy leads nowhere, loopback included.
 * May be repeated freely: the same HTML gives the same document. Never call it inside a transaction. Errors: OutsideError (door `pdf`, retryable).
 */
import { existsSync } from 'node:fs'
import type { Browser, HTTPRequest, Page } from 'puppeteer'
import { config } from '../config.js'
import { OutsideError } from '../errors.js'
import { log } from '../log.js'
import { assertOutsideAllowed } from '../outside/client.js'
import { runAsPlatform } from '../tenancy/context.js'
import { turnstile } from './turnstile.js'

export interface PdfOptions {
  format: 'A4' | 'Letter'
  /** Milliseconds for one attempt; default 20,000. A page that takes longer costs the browser its life. */
  timeoutMs?: number
}

const idleMs = 120_000
const args = [
  '--proxy-server=http://127.0.0.1:9', '--proxy-bypass-list=<-loopback>', '--host-resolver-rules=MAP * ~NOTFOUND', '--disable-extensions', '--disable-gpu', '--disable-dev-shm-usage',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--no-default-browser-check', '--disable-features=Translate,MediaRouter',
]
const csp = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'\">"
const lane = turnstile(2)
let running: Promise<Browser> | undefined
let idle: NodeJS.Timeout | undefined

/** Renders a complete HTML document whose styles, fonts and pictures are inlined. Retries once when the browser died under it. */
export async function renderPdf(html: string, options: PdfOptions): Promise<Buffer> {
  assertOutsideAllowed('pdf')
  return runAsPlatform(() => lane(async () => {
    clearTimeout(idle)
    try {
      return await attempt(html, options).catch(async (error: unknown) => {
        log().warn({ error }, 'The PDF browser failed; trying once more with a new one')
        return await attempt(html, options)
      })
    } catch (error) {
      throw new OutsideError('The PDF could not be made just now.', { door: 'pdf', retryable: true, cause: error })
    } finally {
      idle = setTimeout(() => void closePdf(), idleMs).unref()
    }
  }))
}

/** Ends the browser and all its processes; the next render starts a new one. Part of the graceful stop. */
export async function closePdf(): Promise<void> {
  clearTimeout(idle)
  const ending = running
  running = undefined
  const browser = await ending?.catch(() => undefined)
  if (!browser) return
  const group = browser.process()?.pid
  await Promise.race([browser.close().catch(() => undefined), new Promise((done) => setTimeout(done, 3000).unref())])
  killGroup(group)
}

async function attempt(html: string, options: PdfOptions): Promise<Buffer> {
  const browser = await warmBrowser()
  const timeout = options.timeoutMs ?? 20_000
  let timer: NodeJS.Timeout | undefined
  let died = (): void => undefined
  const over = new Promise<never>((_ok, fail) => {
    timer = setTimeout(() => fail(new Error(`The PDF took longer than ${timeout} ms.`)), timeout)
    browser.once('disconnected', died = () => fail(new Error('The PDF browser died.')))
  })
  const work = print(browser, html, options.format, timeout)
  try {
    return await Promise.race([work, over])
  } catch (error) {
    work.catch(() => undefined)
    discard(browser)
    throw error
  } finally {
    clearTimeout(timer)
    browser.off('disconnected', died)
  }
}

async function print(browser: Browser, html: string, format: PdfOptions['format'], timeout: number): Promise<Buffer> {
  const page = await browser.newPage()
  try {
    await wall(page)
    await page.setContent(withPolicy(html), { waitUntil: 'load', timeout })
    return Buffer.from(await page.pdf({ format, printBackground: true, preferCSSPageSize: false, timeout }))
  } finally {
    await page.close().catch(() => undefined)
  }
}

async function wall(page: Page): Promise<void> {
  await page.setJavaScriptEnabled(false)
  await page.setRequestInterception(true)
  page.on('request', (request: HTTPRequest) => void (request.url().startsWith('data:') ? request.continue() : request.abort('blockedbyclient')).catch(() => undefined))
}

/** The policy must come before anything it governs, so it goes right behind the doctype. */
const withPolicy = (html: string): string => (/^\s*<!doctype[^>]*>/i.test(html) ? html.replace(/^\s*<!doctype[^>]*>/i, (doctype) => doctype + csp) : csp + html)

function warmBrowser(): Promise<Browser> {
  return (running ??= launch().catch((error: unknown) => {
    running = undefined
    throw error
  }))
}

/** The library is loaded with the first document, so that processes without documents start faster. `pipe`: when our process dies, however it dies, the browser sees the pipe close and ends. */
async function launch(): Promise<Browser> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const executablePath = config().CHROMIUM_PATH
  if (!existsSync(executablePath)) throw new Error(`There is no browser at ${executablePath}: set CHROMIUM_PATH.`)
  const { default: puppeteer } = await import('puppeteer')
  const browser = await puppeteer.launch({
    executablePath, headless: true, pipe: true, args: [...args, ...sandbox], timeout: 30_000, protocolTimeout: 60_000, acceptInsecureCerts: false,
    handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false,
  })
  browser.process()?.unref()
  browser.once('disconnected', () => discard(browser))
  return browser
}

function discard(browser: Browser): void {
  void running?.then((current) => {
    if (current === browser) running = undefined
  }, () => undefined)
  killGroup(browser.process()?.pid)
}

/** The browser leads its own process group (puppeteer starts it detached): no renderer outlives it. */
function killGroup(pid: number | undefined): void {
  if (!pid) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Already gone.
  }
}
