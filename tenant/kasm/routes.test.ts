import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import { setClock } from '../../shared/testing/world.js'
import { useKasmWorld, type Bought } from '../testing/kasm-world.js'
import { useShop } from '../testing/shop.js'
import { waits } from './retry-plan.js'

const htmx = { 'hx-request': 'true', 'hx-request-type': 'partial' }

describe('The page of a workspace', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const owner = (bought: Bought) => shop.as(bought.service.userId)
  const path = (bought: Bought) => `/services/${bought.service.publicId}`
  /** Time passes, and every minute somebody looks. */
  async function watched(seconds: number): Promise<void> {
    setClock(new Date(clock.real().getTime() + (seconds - 60) * 1000))
    await world.as(world.acme, async () => tenantDb()('kasm_usage_sessions').whereNull('stopped_at').update({ last_seen_at: clock.now() }))
    await world.later(60)
  }

  it('shows the set-up as it goes, and asks again by itself', async () => {
    const bought = await world.order()
    const browser = await owner(bought)
    const first = await browser.get(path(bought))
    expect(first.status).to.equal(200)
    expect(first.body).to.contain('Order received').and.to.contain('Starting the desktop').and.to.match(/hx-trigger="every 3s"/)
    for (let n = 0; n < 4; n++) await world.later(3)
    const fragment = await browser.get(`${path(bought)}/status`, htmx)
    expect(fragment.body.trim()).to.match(/^<div id="workspace"/).and.to.contain('Open workspace')
  })

  it('shows time and cost to the second, as the bill counts them', async () => {
    const bought = await world.running()
    await watched(157 * 60 - (clock.now().getTime() - bought.workspace.lastStartedAt!.getTime()) / 1000)
    const { body } = await (await owner(bought)).get(path(bought))
    expect(body).to.contain('2 h 37 min').and.to.contain('$0.55').and.to.contain('2 h 45 min')
    expect(body).to.contain(`data-started-at="${bought.workspace.lastStartedAt!.toISOString()}"`).and.to.contain('data-rate-micros="200000"')
  })

  it('stops and starts without JavaScript, and shows the run with its cost', async () => {
    const bought = await world.running()
    await watched(22 * 60)
    const browser = await owner(bought)
    await browser.get(path(bought))
    const stopped = await browser.post(`${path(bought)}/session`, { _method: 'DELETE' })
    expect([stopped.status, stopped.headers.location]).to.deep.equal([303, path(bought)])
    await world.later(0)
    const page = await browser.follow()
    expect(page.body).to.contain('>You<').and.to.contain('$0.10').and.to.contain('30 min')
    expect(page.body).to.not.contain('/status"')
    expect((await browser.post(`${path(bought)}/session`)).status).to.equal(303)
    for (let n = 0; n < 4; n++) await world.later(3)
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
  })

  it('answers htmx with the same part, and says a refusal on it', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    await browser.get(path(bought))
    const { body, status } = await browser.post(`${path(bought)}/session`, {}, htmx)
    expect(status).to.equal(200)
    expect(body.trim()).to.match(/^<div id="workspace"/).and.to.contain('already running')
  })

  it('opens the desktop over the shop’s own host: by a ticket that works once, for its owner, within a minute; no page names the server', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    const ticket = async (): Promise<string> => {
      const opened = await browser.post(`${path(bought)}/launch`)
      expect(opened.status).to.equal(200)
      expect(opened.body).to.not.contain(world.kasm.url).and.to.not.match(/kasm/i)
      expect(opened.headers['cache-control']).to.contain('no-store')
      return /^0; url=(\/services\/\w+\/desktop\/[\w-]{43})$/.exec(String(opened.headers['refresh']))![1]!
    }
    await browser.get(path(bought))
    const first = await ticket()
    expect((await (await shop.as(await world.customer())).get(first)).status).to.equal(404)
    const there = await browser.get(first)
    expect([there.status, there.headers['cache-control'], there.headers['referrer-policy'], there.body]).to.deep.equal([303, 'private, no-store', 'no-referrer', ''])
    expect(there.headers.location).to.match(new RegExp(`^${world.kasm.url}/#/connect/kasm/`))
    expect((await browser.get(first)).headers.location).to.equal(path(bought))
    const late = await ticket()
    setClock(new Date(clock.real().getTime() + 60_000))
    expect((await browser.get(late)).headers.location, 'a minute later').to.equal(path(bought))
    world.kasm.fault({ mode: 'down' })
    await browser.get(await ticket())
    expect((await browser.follow()).body).to.contain('does not answer just now')
  })

  it('does not exist for another customer, for guests it is behind the sign-in, and another shop does not know it', async () => {
    const bought = await world.running()
    const stranger = await shop.as(await world.customer())
    await stranger.get('/services')
    const pages = ['', '/status', '/usage', '/runs.csv', '/activity', '/settings', '/change', '/archive', '/cancellation', '/runs/1', '/runs/1/print', `/desktop/${'a'.repeat(43)}`]
    const acts = ['/session', '/launch', '/pause', '/restart', '/archive', '/cancellation', '/change', '/schedules']
    for (const [method, suffix] of [...pages.map((p) => ['get', p] as const), ...acts.map((p) => ['post', p] as const)]) {
      expect((await stranger[method](path(bought) + suffix)).status, suffix).to.equal(404)
    }
    expect((await stranger.post(`${path(bought)}/session`, { _method: 'DELETE' })).status).to.equal(404)
    expect((await shop.guest().get(path(bought))).headers.location).to.contain('/sign-in')
    const elsewhere = await shop.as(await world.customer(world.globex), 'globex.localhost')
    expect((await elsewhere.get(path(bought))).status).to.equal(404)
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
  })

  it('tells the truth after we gave up, and never names the provider or its errors', async () => {
    const bought = await world.order()
    world.kasm.fault({ mode: 'markup-error' })
    await world.later(0)
    const browser = await owner(bought)
    expect((await browser.get(path(bought))).body).to.contain('We keep trying; nothing is charged')
    for (const wait of waits) await world.later(wait)
    const { body } = await browser.get(path(bought))
    expect(body).to.contain('could not set up this workspace').and.to.contain('Our team has been told')
    expect(body).to.not.match(/alert\(|kasm could|HTTP 5|EZSCALE/)
  })

  it('is removed only when its name is typed', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    await browser.get(`${path(bought)}/cancellation`)
    expect((await browser.post(`${path(bought)}/cancellation`, { confirm: 'no' })).status).to.equal(422)
    expect((await browser.post(`${path(bought)}/cancellation`, { confirm: 'api-box' })).status).to.equal(303)
    await world.later(0)
    expect((await world.fresh(bought)).service.status).to.equal('terminated')
    expect((await browser.get(path(bought))).body).to.not.contain('Remove workspace')
    expect((await browser.get('/services?show=ended')).body).to.contain('api-box')
  })

  it('is listed with its state and what it cost this month', async () => {
    const bought = await world.running()
    await watched(65 * 60)
    const { body } = await (await owner(bought)).get('/services')
    expect(body).to.contain('api-box').and.to.contain('Running').and.to.contain('$0.25')
    expect((await (await shop.as(await world.customer())).get('/services')).body).to.contain('No services yet')
  })

  it('shows a suspended workspace without a start button', async () => {
    const bought = await world.running()
    await world.as(world.acme, async () => tenantDb()('services').update({ status: 'suspended' }))
    const { body } = await (await owner(bought)).get(path(bought))
    expect(body).to.contain('is suspended').and.to.not.contain('Open workspace')
  })
})
