import { execFileSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { TRANSACTION_SLOT } from '../outside/client.js'
import { currentWork, runInCentral } from '../tenancy/context.js'
import { closePdf, renderPdf } from './render-pdf.js'
import { turnstile } from './turnstile.js'

/** Pids of Chromium processes that this process started, by the parent chain. */
function browsers(): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' }).trim().split('\n').map((r) => r.trim().split(/\s+/))
  const mine = new Set([process.pid])
  for (let grew = true; grew;) {
    grew = false
    for (const [pid, ppid] of rows) if (mine.has(Number(ppid)) && !mine.has(Number(pid))) grew = Boolean(mine.add(Number(pid)))
  }
  return rows.filter((r) => mine.has(Number(r[0])) && /chrom/.test(r[3] ?? '') && !r[2]!.startsWith('Z')).map((r) => Number(r[0]))
}
const until = async (done: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !done(); i++) await new Promise((r) => setTimeout(r, 25))
}
const pages = (pdf: Buffer): number => (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length

describe('Making a PDF', function () {
  this.timeout(60_000)
  let server: Server
  let hits = 0
  before((done) => {
    server = createServer((_req, res) => { hits++; res.end('x') }).listen(0, '127.0.0.1', done)
  })
  after(async () => {
    await closePdf()
    await new Promise((r) => server.close(r))
  })

  it('gives an A4 or a Letter document', async () => {
    const html = '<!doctype html><html><body><h1>Invoice</h1></body></html>'
    const [a4, letter] = await Promise.all([renderPdf(html, { format: 'A4' }), renderPdf(html, { format: 'Letter' })])
    expect(a4.subarray(0, 5).toString()).to.equal('%PDF-')
    expect(pages(a4)).to.equal(1)
    expect(a4.toString('latin1')).to.match(/MediaBox \[0 0 59[45]\.\d* 84[12]/)
    expect(letter.toString('latin1')).to.match(/MediaBox \[0 0 612 792/)
  })

  it('calls nobody and reads no file, whatever a line item contains', async () => {
    const port = (server.address() as AddressInfo).port
    const at = `http://127.0.0.1:${port}`
    const hostile = `<!doctype html><html><head><link rel=stylesheet href="${at}/css"><style>@import url(${at}/import); body{background:url(${at}/bg)} @font-face{font-family:x;src:url(${at}/font)} p{font-family:x}</style>
      <meta http-equiv=refresh content="0;url=${at}/refresh"></head><body><p>text</p><img src="${at}/img"><iframe src="file:///etc/passwd"></iframe><iframe src="${at}/frame"></iframe><object data="file:///etc/passwd"></object>
      <embed src="${at}/embed"><video src="${at}/video"></video><link rel=preconnect href="${at}"><link rel=prefetch href="${at}/pre"><script>document.body.innerHTML='scripted'.repeat(9);fetch('${at}/js')</script><img src=x onerror="fetch('${at}/onerror')"></body></html>`
    const pdf = await renderPdf(hostile, { format: 'A4' })
    await new Promise((r) => setTimeout(r, 200))
    expect(hits).to.equal(0)
    expect(pages(pdf)).to.equal(1)
    expect((await fetch(`${at}/control`)).ok).to.equal(true)
    expect(hits).to.equal(1)
  })

  it('goes on when somebody kills the browser in the middle', async () => {
    const long = `<!doctype html><body>${'<p>line of an invoice</p>'.repeat(3_000)}</body>`
    const work = renderPdf(long, { format: 'A4' })
    await until(() => browsers().length > 2)
    await new Promise((r) => setTimeout(r, 150))
    for (const pid of browsers()) process.kill(pid, 'SIGKILL')
    expect(pages(await work)).to.be.above(50)
    expect(pages(await renderPdf('<p>next</p>', { format: 'A4' }))).to.equal(1)
  })

  it('gives up on a page that takes too long, and the next one works', async () => {
    const slow = `<!doctype html><body>${'<p>line of an invoice</p>'.repeat(60_000)}</body>`
    const error = await renderPdf(slow, { format: 'A4', timeoutMs: 60 }).then(() => null, (e: unknown) => e)
    expect(error).to.include({ name: 'OutsideError', door: 'pdf', retryable: true })
    expect(pages(await renderPdf('<p>next</p>', { format: 'A4' }))).to.equal(1)
  })

  it('leaves no process behind after fifty documents in a row, ten at once and the end', async () => {
    let most = 0
    for (let i = 0; i < 50; i++) {
      expect(pages(await renderPdf(`<p>${i}</p>`, { format: 'A4' }))).to.equal(1)
      if (i % 10 === 9) most = Math.max(most, browsers().length)
    }
    const all = await Promise.all(Array.from({ length: 10 }, (_v, i) => renderPdf(`<p>${i}</p>`, { format: 'A4' })))
    expect(all.map(pages)).to.deep.equal(Array<number>(10).fill(1))
    expect(most, 'processes of one browser, however many documents').to.be.within(1, 12)
    await closePdf()
    await until(() => browsers().length === 0)
    expect(browsers()).to.deep.equal([])
  })

  it('is refused inside a transaction', async () => {
    const error = await runInCentral(async () => {
      currentWork().slots.set(TRANSACTION_SLOT, true)
      return renderPdf('<p>x</p>', { format: 'A4' }).then(() => null, (e: Error) => e)
    })
    expect(error?.message).to.contain('inside a transaction')
  })
})

describe('A turnstile', () => {
  it('lets two in at a time, in order, also when one stumbles', async () => {
    const pass = turnstile(2)
    let [now, most] = [0, 0]
    const order: number[] = []
    await Promise.all(Array.from({ length: 8 }, (_v, i) => pass(async () => {
      most = Math.max(most, ++now)
      order.push(i)
      await new Promise((r) => setTimeout(r, 2))
      now--
      if (i === 3) throw new Error('stumbled')
    }).catch(() => undefined)))
    expect([most, now]).to.deep.equal([2, 0])
    expect(order).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7])
  })
})
