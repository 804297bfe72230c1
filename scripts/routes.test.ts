// Every route of the product, asked by everybody who has no business there. The list is read from the routers: a new route is on it by itself.
import { expect } from 'chai'
import { consoleApp, platformApp } from '../central/app.js'
import { compose } from '../shared/mail/compose.js'
import { allLetters, scopeOf } from '../shared/mail/letter.js'
import { runInTenant } from '../shared/tenancy/context.js'
import { CreditNote } from '../tenant/billing/invoices/credit-notes/credit-note.js'
import { creditNoteHtml } from '../tenant/billing/invoices/documents/credit-note-document.js'
import { invoiceHtml } from '../tenant/billing/invoices/documents/invoice-document.js'
import { Invoice } from '../tenant/billing/invoices/invoice.js'
import { statementHtml } from '../tenant/billing/invoices/statements/statement-document.js'
import { statementOf } from '../tenant/billing/invoices/statements/statement.js'
import { Customer } from '../tenant/customers/customer.js'
import { formless, forStaff, lookers, publicPages, refusedAnyway, supportMay } from './testing/route-names.js'
import { routesOf } from './testing/route-list.js'
import type { Case } from './testing/route-cases.js'
import { drawn, emptyShelves, reading, useRoutes, webhook } from './testing/routes-world.js'

describe('Every route', function () {
  this.timeout(120_000)
  const { who, ask, relax, role, acme, atShop, atDesk, central, sums, changed, eachUnchanged, hides, toSignIn } = useRoutes()

  it('is on the list, with a record behind every name in its address', () => {
    const all = [...atShop(), ...atDesk('/reseller'), ...atDesk('/tenants/acme'), ...central(consoleApp), ...central(platformApp)]
    expect(all.length).to.be.at.least(600)
    expect(new Set(routesOf(consoleApp).map((r) => `${r.method} ${r.path}`))).to.include('GET /tenants/:slug/invoices')
  })

  it('changes nothing by being read, and works for whom it is for', async () => {
    const wrong: string[] = []
    const works = (browser: string) => async (c: Case): Promise<string | null> => {
      const { status } = await ask(who[browser]!, c, c.url)
      return [200, 301, 303, 409].includes(status) || (status === 404 && emptyShelves.has(c.id)) ? null : `${status} for ${browser}`
    }
    wrong.push(...(await eachUnchanged(atShop().filter(reading), works('alice'))))
    wrong.push(...(await eachUnchanged(atShop().filter((c) => reading(c) && publicPages.has(c.id) && !c.named), works('guest'))))
    wrong.push(...(await eachUnchanged(atDesk('/reseller').filter(reading), works('owner'))))
    for (const c of atDesk('/tenants/acme').filter((one) => reading(one) && /:\w+$/.test(one.path))) wrong.push(...[await works('staff')(c)].flatMap((fault) => (fault ? [`${c.id}: ${fault}`] : [])))
    expect(wrong).to.deep.equal([])
  })

  it('hides what belongs to somebody else, as if it had never been, and asks strangers to sign in', async () => {
    const before = await sums()
    const wrong: string[] = []
    const note = async (fault: Promise<string | null>): Promise<void> => void wrong.push(...[await fault].flatMap((one) => one ?? []))
    expect(await hides('alice', atShop().find((c) => c.id === 'GET /invoices/:publicId')!)).to.equal('GET /invoices/:publicId: alice gets 200')
    for (const c of atShop().filter((one) => one.named && one.reach !== 'public' && !webhook(one))) {
      for (const name of c.reach === 'own' ? ['bob', 'gina', 'mixed', 'guest'] : ['gina', 'visitor']) await note(hides(name, c))
    }
    for (const c of atDesk('/reseller').filter((one) => one.named && !forStaff.has(one.id))) await note(hides('other', c))
    for (const c of atDesk('/reseller')) if (!toSignIn(await ask(who['stranger']!, c, c.url, c.fields))) wrong.push(`${c.id}: strangers come to the desk`)
    for (const c of [...atDesk('/tenants/acme'), ...central(consoleApp)].filter((one) => !publicPages.has(one.id) || one.path === '/')) if (!toSignIn(await ask(who['passer']!, c, c.url, c.fields))) wrong.push(`${c.id}: passers-by come into the console`)
    for (const c of atShop().filter((one) => !one.named && !publicPages.has(one.id))) if (!toSignIn(await ask(who['guest']!, c, c.url, c.fields))) wrong.push(`${c.id}: guests are not asked to sign in`)
    for (const c of central(platformApp).filter((one) => one.path !== '/' && !publicPages.has(one.id))) if (!toSignIn(await ask(who['stranger']!, c, c.url))) wrong.push(`${c.id}: strangers are not asked to sign in`)
    await note(hides('other', central(platformApp).find((c) => c.id === 'GET /reseller/bills/:publicId')!))
    expect([...wrong, ...changed(before, await sums()).map((table) => `foreigners wrote ${table}`)]).to.deep.equal([])
  })

  it('lets support look, and change nothing but what is its work', async () => {
    await role('support')
    const wrong = await eachUnchanged(atDesk('/reseller').filter((c) => !reading(c) && !supportMay.has(c.id)), async (c) => {
      const answer = await ask(who['owner']!, c, c.url, c.fields)
      return answer.status === 409 && /role|owner of the shop|staff/.test(answer.body) ? null : `support gets ${answer.status}`
    })
    for (const c of atDesk('/reseller').filter(reading)) {
      const { status } = await ask(who['owner']!, c, c.url)
      if (![200, 301, 303, 409].includes(status)) wrong.push(`${c.id}: support reads ${status}`)
    }
    await role('owner')
    expect(wrong).to.deep.equal([])
  })

  it('writes only for a page of ours: without the form token it answers 403', async () => {
    const before = await sums()
    const wrong: string[] = []
    const refused = async (name: string, c: Case): Promise<void> => {
      await relax()
      const browser = who[name]!
      for (const [tried, headers, fields] of [['no token', {}, { ...c.fields, _csrf: '' }], ['a foreign page', { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' }, c.fields]] as const) {
        const { status } = await browser.post(c.url, { ...fields, ...(c.method === 'POST' ? {} : { _method: c.method.toLowerCase() }) }, headers)
        if (status !== 403) wrong.push(`${c.id}: ${status} with ${tried}`)
      }
    }
    for (const c of atShop().filter((one) => !reading(one) && !webhook(one))) await refused('alice', c)
    for (const c of [...atDesk('/reseller'), ...central(platformApp)].filter((one) => !reading(one))) await refused('owner', c)
    for (const c of [...atDesk('/tenants/acme'), ...central(consoleApp)].filter((one) => !reading(one))) await refused('staff', c)
    for (const c of atShop().filter(webhook)) if ((await who['guest']!.post(c.url, {})).status !== 400) wrong.push(`${c.id} takes unsigned events`)
    expect([...wrong, ...changed(before, await sums()).map((table) => `${table} was written`)]).to.deep.equal([])
  })

  it('takes no field it does not know', async () => {
    const strict = (name: string) => async (c: Case): Promise<string | null> => {
      const { status } = await ask(who[name]!, c, c.url, { ...c.fields, zz_unknown: '1' })
      return status === 422 || (status < 500 && refusedAnyway.has(c.id)) ? null : `${status} with an unknown field`
    }
    const forms = (c: Case): boolean => !reading(c) && !webhook(c) && !formless.has(c.id) && !lookers.has(c.id)
    const wrong = await eachUnchanged(atShop().filter(forms), strict('alice'))
    wrong.push(...(await eachUnchanged(atDesk('/reseller').filter((c) => forms(c) && !forStaff.has(c.id)), strict('owner'))))
    expect(wrong).to.deep.equal([])
  })

  const names = ['id', 'page', 'size', 'sort', 'show', 'q', 'from', 'to', 'until', 'currency', 'status', 'state', 'type', 'plan', 'step', 'next', 'key', 'chosen', 'attempt', 'cycle', 'also', 'batch', 'email', 'about', 'days', 'approval_token_id', 'country', 'kind']
  const twice = names.map((name) => `${name}=1&${name}=2`).join('&')
  const nested = names.map((name) => `${name}[a]=1&${name}[]=2`).join('&')
  const sql = names.map((name) => `${name}=${encodeURIComponent(`name;drop table users -- ' or sleep(5)`)}`).join('&')
  it('reads names given twice, lists, and SQL where a sort belongs, as nonsense', async () => {
    const wrong: string[] = []
    const nonsense = async (name: string, c: Case): Promise<void> => {
      for (const [what, added] of [['twice', `${twice}&${nested}`], ['sql', sql], ['odd days', `from=2026-02-31&to=0000-00-00&until=9999-99-99&page=0&size=0&sort=${encodeURIComponent('(select sleep(5))')}`]]) {
        if (what === 'odd days' && c.named && !/statement|ledger/.test(c.path)) continue
        const started = Date.now()
        const { status } = await ask(who[name]!, c, `${c.url.split('?')[0]}?${added}`)
        if (status >= 500) wrong.push(`${c.id}: ${status} for ${what}`)
        if (Date.now() - started > 3000) wrong.push(`${c.id}: ${what} took ${Date.now() - started} ms`)
      }
    }
    const read = (c: Case): boolean => reading(c) && !drawn(c)
    for (const c of atShop().filter(read)) await nonsense('alice', c)
    for (const c of [...atDesk('/reseller'), ...central(platformApp)].filter(read)) await nonsense('owner', c)
    for (const c of central(consoleApp).filter(read)) await nonsense('staff', c)
    expect(wrong).to.deep.equal([])
  })

  const juggled = [['a', 'b'], { a: 1 }, 0, true, null]
  it('takes nothing but texts in forms', async () => {
    const before = await sums()
    const wrong: string[] = []
    const juggle = async (name: string, c: Case): Promise<void> => {
      const browser = who[name]!
      const fields = { id: '1', name: 'x', reason: 'x', amount: '1', plan: 'x', ...c.fields }
      for (const turn of [0, 1]) {
        await relax()
        const body = JSON.stringify({ ...Object.fromEntries(Object.keys(fields).map((field, i) => [field, juggled[(i + turn) % juggled.length]])), zz_unknown: 'x', ...(c.method === 'POST' ? {} : { _method: c.method }) })
        const { status } = await browser.send(c.url, { method: 'POST', body, headers: { 'content-type': 'application/json', origin: `http://${browser.host}:${browser.port}`, 'sec-fetch-site': 'same-origin', 'x-csrf-token': browser.csrf } })
        if (status >= 500) wrong.push(`${c.id}: ${status}`)
      }
    }
    for (const c of atShop().filter((one) => !reading(one) && !webhook(one) && !formless.has(one.id))) await juggle('alice', c)
    for (const c of atDesk('/reseller').filter((one) => !reading(one))) await juggle('owner', c)
    expect([...wrong, ...changed(before, await sums())]).to.deep.equal([])
  })

  it('that is a spreadsheet makes no formula of what customers write', async () => {
    const wrong: string[] = []
    let disarmed = 0
    const sheets = [...atShop().map((c) => ['alice', c] as const), ...atDesk('/reseller').map((c) => ['owner', c] as const)].filter(([, c]) => c.path.endsWith('.csv'))
    for (const [name, c] of sheets) {
      const answer = await ask(who[name]!, c, c.url)
      for (const [, quoted, bare] of answer.body.matchAll(/"((?:[^"]|"")*)"|([^,\r\n]+)/g)) {
        const cell = quoted ?? bare ?? ''
        if (/^'[=+@]/.test(cell)) disarmed++
        if (/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/.test(cell)) wrong.push(`${c.id}: ${cell.slice(0, 60)}`)
      }
      if (!/^text\/csv/.test(answer.headers['content-type'] ?? '')) wrong.push(`${c.id}: is ${answer.headers['content-type'] ?? ''}`)
    }
    expect(sheets.length).to.be.at.least(10)
    expect(disarmed).to.be.at.least(5)
    expect(wrong).to.deep.equal([])
  })

  const supplier = /ezscale|kasm/i
  it('of the shop never names the platform, nor whose software its desktops are', async () => {
    const wrong: string[] = []
    for (const c of atShop().filter((one) => reading(one) && !drawn(one))) {
      const answer = await ask(who['alice']!, c, c.url)
      if (supplier.test(answer.body.replaceAll('ezscale.localhost', '')) || supplier.test(JSON.stringify(answer.headers))) wrong.push(`${c.id}: …${/.{0,60}(?:ezscale|kasm).{0,40}/is.exec(answer.body)?.[0] ?? 'in a header'}…`)
    }
    await runInTenant(acme(), async () => {
      for (const kind of allLetters().filter((k) => scopeOf(k) === 'tenant')) {
        const { subject, text, html } = compose(kind, kind.preview())
        if (supplier.test(`${subject}${text}${html}`)) wrong.push(`letter ${kind.name}`)
      }
      const alice = (await Customer.query().findOne({ email: 'alice@mail.example' }))!
      const documents = { invoice: invoiceHtml((await Invoice.query().whereNotNull('issuedAt').first())!), note: creditNoteHtml((await CreditNote.query().first())!), statement: statementHtml(alice.id, await statementOf(alice.id, 'USD', { start: new Date(0), end: new Date() })) }
      for (const [name, html] of Object.entries(documents)) if (supplier.test(String(await html))) wrong.push(`document ${name}`)
    })
    expect(wrong).to.deep.equal([])
  })

  it('acts for whom it is for, or says why not', async () => {
    const wrong: string[] = []
    const acts = async (name: string, c: Case): Promise<void> => {
      const { status } = await ask(who[name]!, c, c.url, c.fields)
      // What an act before this one took away is not there any more.
      if (![200, 303, 404, 409, 422, 502].includes(status)) wrong.push(`${c.id}: ${status} for ${name}`)
    }
    const last = (c: Case): number => (c.method === 'DELETE' || /termination|disable|void|status$/.test(c.path) ? 1 : 0)
    const inOrder = (all: readonly Case[]): Case[] => all.filter((c) => !reading(c) && !webhook(c) && !formless.has(c.id)).sort((a, b) => last(a) - last(b))
    for (const c of inOrder(atShop()).filter((one) => !/^\/(account\/password|verify-email|password)/.test(one.path))) await acts('alice', c)
    for (const c of inOrder(atDesk('/reseller')).filter((one) => !forStaff.has(one.id))) await acts('owner', c)
    expect(wrong).to.deep.equal([])
  })
})
