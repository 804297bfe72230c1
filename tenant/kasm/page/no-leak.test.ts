import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Refusal } from '../../../shared/errors.js'
import type { Answer, Browser } from '../../../shared/testing/browser.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import '../../timetable.js'
import { closeEndedMonths } from '../../billing/usage/close-month.js'
import { useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { useShop } from '../../testing/shop.js'
import { guardBudgets } from '../budgets/guard-budgets.js'
import { waits } from '../retry-plan.js'
import { stopWorkspace } from '../stop-workspace.js'

describe('A customer of a shop', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const supplier = /ezscale|kasm/i
  const path = (bought: Bought) => `/services/${bought.service.publicId}`
  const found: string[] = []
  const look = (where: string, text: string): void => {
    if (supplier.test(text)) found.push(`${where}: …${/.{0,50}(?:ezscale|kasm).{0,30}/is.exec(text)![0].replaceAll(/\s+/g, ' ')}…`)
  }
  const lookAt = (where: string, { body, headers }: Answer): void => {
    look(where, body.replaceAll('ezscale.localhost', ''))
    look(`${where} (headers)`, JSON.stringify(headers))
  }

  /** Follows every link and asset that pages name, once. */
  async function crawl(browser: Browser, from: readonly string[]): Promise<string[]> {
    const seen = new Set<string>()
    const waiting = [...from]
    for (let next = waiting.shift(); next !== undefined && seen.size < 400; next = waiting.shift()) {
      if (seen.has(next) || /\/pdf(\?|$)|sign-out/.test(next)) continue
      seen.add(next)
      const answer = await browser.get(next)
      lookAt(next, answer)
      if (answer.status === 303) waiting.push(String(answer.headers.location))
      for (const [, link] of answer.body.matchAll(/(?:href|src)="(\/[^"#]*)/g)) waiting.push(link!.replaceAll('&amp;', '&'))
    }
    return [...seen]
  }

  it('reads nowhere whose software and whose platform it is: pages, assets, files, headers, letters, notifications', async function () {
    this.timeout(120_000)
    const bought = await world.running()
    const userId = bought.service.userId
    const browser = await shop.as(userId)
    await browser.get(path(bought))
    await browser.post(`${path(bought)}/budget`, { _method: 'PUT', limit: '0.05' })
    await browser.post(`${path(bought)}/schedules`, { day1: 'on', start: '08:00', timeZone: 'UTC' })
    lookAt('the opening page', await browser.post(`${path(bought)}/launch`))
    lookAt('the login', await browser.post(`${path(bought)}/credentials`))
    for (const missing of ['/runs/999999', '/runs/999999/print', '/schedules/999999']) lookAt(missing, await browser.get(`${path(bought)}${missing}`))
    await world.as(world.acme, () => guardBudgets(clock.now()))
    const late = await world.as(world.acme, () => stopWorkspace(bought.workspace)).then(() => null, (error: unknown) => error as Refusal)
    expect(late?.code, 'the budget was first').to.equal('workspace.moved')
    look('a click that came too late', late!.message)
    await world.later(60)
    world.kasm.fault({ mode: 'markup-error' })
    const failed = await world.order(world.acme, userId)
    for (const wait of [0, ...waits]) await world.later(wait)
    world.kasm.reset()
    setClock('2026-12-02T03:00:00Z')
    await world.as(world.acme, () => closeEndedMonths(userId))
    const seen = await crawl(await shop.as(userId), ['/account', '/services', path(bought), path(failed), '/notifications', '/invoices', `${path(bought)}/runs.csv`])
    for (const part of ['/usage', '/settings', '/activity', '/change', '/runs/']) expect(seen.some((at) => at.includes(part)), part).to.equal(true)
    expect(seen.some((at) => /^\/invoices\/\w{20}$/.test(at)), 'an invoice').to.equal(true)
    expect(seen.some((at) => at.startsWith('/assets/') && at.includes('.js')), 'scripts').to.equal(true)
    await world.as(world.acme, async () => {
      for (const mail of (await tenantDb()('mail_messages')) as Array<Record<string, string>>) look(`letter ${mail['letter']}`, `${mail['subject']}${mail['html']}${mail['text']}${mail['from_email']}${mail['reply_to']}`.replaceAll('no-reply@ezscale.localhost', ''))
      for (const notice of (await tenantDb()('notifications')) as Array<Record<string, string>>) look('a notification', `${notice['title']}${notice['body']}${notice['href']}`)
      expect(((await tenantDb()('mail_messages').pluck('letter')) as string[])).to.include.members(['workspace-ready', 'workspace-failed', 'workspace-budget'])
    })
    expect(found).to.deep.equal([])
  })
})
