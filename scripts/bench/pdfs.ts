/** PDFs a minute from a warm browser, beside a loop that does no more than puppeteer needs: a page, its content, the print. In turns, medians. */
import puppeteer from 'puppeteer'
import { config } from '../../shared/config.js'
import { closePdf, renderPdf } from '../../shared/pdf/render-pdf.js'
import { median } from './measure.js'

export interface PdfFigures {
  readonly perMinute: number
  /** Ours ÷ the bare loop's documents a minute. */
  readonly ratio: number
}

/** About what an invoice with thirty lines weighs. */
const html = `<!doctype html><html><head><style>body{font:12px sans-serif}td{padding:4px;border-bottom:1px solid #ddd}</style></head><body><h1>Invoice INV-2027-00001</h1><table>${
  Array.from({ length: 30 }, (_v, i) => `<tr><td>VPS S, server-${i}</td><td>Feb 1 – Mar 1, 2027</td><td>$${(i * 1.37).toFixed(2)}</td></tr>`).join('')}</table></body></html>`

async function perMinute(times: number, print: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (let i = 0; i < times; i++) await print()
  return (times * 60_000) / (performance.now() - began)
}

export async function benchPdfs({ rounds, times, say }: { rounds: number; times: number; say: (text: string) => void }): Promise<PdfFigures> {
  const browser = await puppeteer.launch({ executablePath: config().CHROMIUM_PATH, headless: true, pipe: true, args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-dev-shm-usage'] })
  const bare = async (): Promise<void> => {
    const page = await browser.newPage()
    await page.setContent(html, { waitUntil: 'load' })
    await page.pdf({ format: 'A4', printBackground: true })
    await page.close()
  }
  const ours = (): Promise<unknown> => renderPdf(html, { format: 'A4' })
  try {
    await perMinute(3, bare)
    await perMinute(3, ours)
    const [mine, ratios]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const before = await perMinute(times, bare)
      const own = await perMinute(times, ours)
      const after = await perMinute(times, bare)
      mine.push(own)
      ratios.push((2 * own) / (before + after))
      say(`PDFs, round ${round + 1} of ${rounds}: ${own.toFixed(0)} a minute, ${ratios.at(-1)!.toFixed(2)} of a bare loop`)
    }
    return { perMinute: median(mine), ratio: median(ratios) }
  } finally {
    await browser.close()
    await closePdf()
  }
}
