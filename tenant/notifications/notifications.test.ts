import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { useShop } from '../testing/shop.js'
import { noticeKinds } from './kinds.js'
import { notify } from './notify.js'
import { savePreferences, wantsApp, wantsMail } from './preferences.js'

describe('Notifications', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const ready = (userId: number, key = 'workspace.ready:1') => ({ userId, type: 'workspace-ready' as const, title: 'Your workspace api-box is ready', href: '/services/abc', key })
  const told = () => world.as(world.acme, async () => tenantDb()('notifications').orderBy('id').pluck('title') as Promise<string[]>)
  const idOf = (n = 0) => world.as(world.acme, async () => ((await tenantDb()('notifications').orderBy('id').pluck('public_id')) as string[])[n]!)

  it('are written once for each thing that happened, however often its reaction runs', async () => {
    const userId = await world.customer()
    await world.as(world.acme, async () => {
      await Promise.all([notify(ready(userId)), notify(ready(userId)), notify(ready(userId, 'workspace.ready:2'))])
    })
    expect(await told()).to.have.length(2)
  })

  it('respect the customer’s choice, except that letters about money and security are always sent', async () => {
    const userId = await world.customer()
    await world.as(world.acme, async () => {
      const off = new Map(noticeKinds.map((k) => [k.type as string, { mail: false, app: false }]))
      await savePreferences(userId, off)
      await notify(ready(userId))
      expect(await wantsMail(userId, 'workspace-ready')).to.equal(false)
      for (const type of ['invoice', 'payment', 'subscription', 'account'] as const) expect([await wantsMail(userId, type), await wantsApp(userId, type)], type).to.deep.equal([true, false])
      await tenantDb()('notification_preferences').update({ mail: 0 })
      expect(await wantsMail(userId, 'invoice'), 'whatever stands in the row').to.equal(true)
    })
    expect(await told()).to.deep.equal([])
  })

  it('are counted on the bell, listed unread first by choice, and read by opening them', async () => {
    const userId = await world.customer()
    await world.as(world.acme, async () => {
      for (let n = 0; n < 30; n++) await notify({ ...ready(userId, `k:${n}`), title: `Thing ${n}` })
    })
    const browser = await shop.as(userId)
    const first = await browser.get('/notifications')
    expect(first.body).to.contain('Notifications, 30 unread').and.to.contain('Thing 29').and.to.contain('1–25 of 30').and.not.to.contain('Thing 4<')
    expect((await browser.get('/notifications?page=2')).body).to.contain('Thing 4').and.not.to.contain('Thing 29')
    const opened = await browser.post(`/notifications/${await idOf(29)}/reading`)
    expect([opened.status, opened.headers.location]).to.deep.equal([303, '/services/abc'])
    expect((await browser.get('/notifications?show=unread')).body).to.contain('29 unread').and.not.to.contain('Thing 29')
    expect((await browser.get('/notifications/bell', { 'hx-request': 'true', 'hx-request-type': 'partial' })).body.trim()).to.match(/^<a id="bell"/).and.to.contain('>29<')
    await browser.post('/notifications/reading')
    expect((await browser.get('/notifications?show=unread')).body).to.contain('You have read everything')
  })

  it('belong to one customer: for somebody else they do not exist, and stay unread', async () => {
    const userId = await world.customer()
    await world.as(world.acme, () => notify(ready(userId)))
    const stranger = await shop.as(await world.customer())
    expect((await stranger.get('/notifications')).body).to.contain('No notifications yet')
    expect((await stranger.post(`/notifications/${await idOf()}/reading`)).status).to.equal(404)
    await stranger.post('/notifications/reading')
    expect((await (await shop.as(userId)).get('/notifications')).body).to.contain('1 unread')
    expect((await shop.guest().get('/notifications')).headers.location).to.contain('/sign-in')
  })

  it('are chosen on a page that works with plain boxes', async () => {
    const userId = await world.customer()
    setClock('2026-11-10T10:00:00Z')
    const browser = await shop.as(userId)
    const page = await browser.get('/account/notifications')
    expect(page.body).to.contain('name="mail-workspace-ready" checked').and.not.to.contain('name="mail-invoice"')
    expect((await browser.post('/account/notifications', { _method: 'PUT', 'app-workspace-ready': 'on', 'app-invoice': 'on' })).status).to.equal(303)
    const saved = await browser.follow()
    expect(saved.body).to.contain('Your choices are saved').and.to.contain('name="app-workspace-ready" checked').and.not.to.contain('name="mail-workspace-ready" checked')
    expect((await browser.post('/account/notifications', { _method: 'PUT', 'mail-nonsense': 'on' })).status).to.equal(422)
    await world.as(world.acme, async () => expect([await wantsMail(userId, 'low-credit'), await wantsMail(userId, 'invoice')]).to.deep.equal([false, true]))
  })
})
