import { expect } from 'chai'
import { config, overrideConfig } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { KasmSimulator } from '../../shared/simulators/kasm.js'
import { imageId } from '../../shared/simulators/kasm/state.js'
import type { Browser } from '../../shared/testing/browser.js'
import { openKasm } from '../../tenant/kasm/provider/open-kasm.js'
import { forgetSightings } from '../../tenant/kasm/provider/sightings.js'
import { newCustomer, newService } from '../../tenant/scenarios/billing-world.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { asStaff } from '../testing/central-world.js'
import { useDesk, words } from '../testing/desk-world.js'
import { connectionById, connectionRow, settingsOf, type ConnectionRow } from './connection.js'
import { reportStrangers } from './jobs.js'

describe('Pages of workspace servers', function () {
  this.timeout(60_000)
  const world = useDesk()
  const kasm = new KasmSimulator({ runningAfterLooks: 1 })
  const fields = (more: Record<string, string> = {}) => ({ label: 'Frankfurt', api: 'developer', baseUrl: kasm.url, secretApiKey: kasm.settings.apiKey, secretApiKeySecret: kasm.settings.apiKeySecret, ...more })
  const newest = async (): Promise<ConnectionRow> => (await asStaff(() => centralDb()('provider_connections').orderBy('id', 'desc').first())) as ConnectionRow
  let [sam, owner] = [] as unknown as [Browser, Browser]
  let server: ConnectionRow
  before(async () => {
    await kasm.up()
    ;[sam, owner] = [await world.staff(), await world.member('acme')]
  })
  after(() => kasm.down())
  beforeEach(() => {
    kasm.reset()
    forgetSightings()
  })

  it('begin with what to do, and connect a server whose keys are never seen again', async () => {
    expect(words((await sam.get('/servers')).body)).to.include('No workspace server yet')
    await sam.get('/servers/new')
    const answer = await sam.post('/servers', fields({ region: 'eu', maxSessions: '40', callsPerMinute: '600' }))
    server = await newest()
    expect([answer.status, answer.headers.location]).to.deep.equal([303, `/servers/${server.id}`])
    for (const path of ['/servers', `/servers/${server.id}`, `/servers/${server.id}/edit`]) {
      const { status, body } = await sam.get(path)
      expect([status, body.includes(kasm.settings.apiKey), body.includes(kasm.settings.apiKeySecret)], path).to.deep.equal([200, false, false])
    }
    expect(words((await sam.get('/servers')).body)).to.match(/Frankfurt Kasm eu Kasm developer API Not called yet/)
  })
  it('say what is wrong with what was typed, keep it, and never give a key back', async () => {
    await sam.get('/servers/new')
    const wrong = await sam.post('/servers', fields({ label: 'Kept name', baseUrl: 'https://user:pass@kasm.example', region: 'EU West!', secretApiKeySecret: '' }))
    expect(wrong.status).to.equal(422)
    expect(wrong.body).to.include('value="Kept name"').and.not.include(kasm.settings.apiKey)
    for (const baseUrl of ['ftp://kasm.example', 'https://', 'not an address', 'https://user:pass@kasm.example', 'javascript:alert(1)']) expect((await sam.post('/servers', fields({ baseUrl }))).status, baseUrl).to.equal(422)
    expect((await sam.post('/servers', fields({ secretApiKey: '' }))).status).to.equal(422)
    expect((await newest()).id).to.equal(server.id)
  })
  it('keep the keys when the fields are left empty, but not for another address', async () => {
    await sam.get(`/servers/${server.id}/edit`)
    const kept = { label: 'Frankfurt 1', api: 'developer', baseUrl: kasm.url, region: 'eu' }
    expect((await sam.post(`/servers/${server.id}`, { _method: 'put', ...kept })).status).to.equal(303)
    const changed = await asStaff(() => connectionById(server.id))
    expect([changed.label, changed.secrets['apiKey'], changed.maxSessions]).to.deep.equal(['Frankfurt 1', kasm.settings.apiKey, null])
    const elsewhere = await sam.post(`/servers/${server.id}`, { _method: 'put', ...kept, baseUrl: 'https://elsewhere.example' })
    expect([elsewhere.status, (await asStaff(() => connectionRow({ id: server.id }))).base_url]).to.deep.equal([422, kasm.url])
    expect(words(elsewhere.body)).to.include('Another address needs its key again')
    const [event] = (await asStaff(() => centralDb()('events').where({ type: 'provider.changed' }).orderBy('id', 'desc').select('data', 'actor_kind'))) as Array<{ data: unknown; actor_kind: string }>
    expect([JSON.stringify(event!.data).replace(/\\/g, ''), event!.actor_kind]).to.satisfy(([data, actor]: string[]) => data!.includes('max_sessions') && data!.includes('callsPerMinute') && !data!.includes(kasm.url) && actor === 'staff')
  })
  it('test a connection: missing permissions by name, and the paths that exist to adopt', async () => {
    await sam.get(`/servers/${server.id}`)
    expect(words((await sam.post(`/servers/${server.id}/test`, {})).body)).to.include('The connection works').and.to.include('These are the paths in use')
    kasm.settings.denied = ['Users Create']
    kasm.settings.powerCalls = 'public'
    await sam.get(`/servers/${server.id}`)
    const { status, body } = await sam.post(`/servers/${server.id}/test`, {})
    expect(status).to.equal(200)
    expect(words(body)).to.match(/Give the key these permissions: *Users Create *\./).and.to.include('/api/public/stop_kasm').and.to.include('Use what was found')
    expect(kasm.state.users).to.deep.equal([])
    expect((await sam.post(`/servers/${server.id}/power`, { _method: 'put', stopPath: '/api/public/stop_kasm', pausePath: '', resumePath: '//evil.example/x' })).status).to.equal(422)
    const paths = /name="stopPath" value="([^"]*)".*?name="pausePath" value="([^"]*)".*?name="resumePath" value="([^"]*)"/s.exec(body)!
    expect((await sam.post(`/servers/${server.id}/power`, { _method: 'put', stopPath: paths[1]!, pausePath: paths[2]!, resumePath: paths[3]! })).status).to.equal(303)
    expect(settingsOf(await asStaff(() => connectionRow({ id: server.id })))).to.include({ stopPath: '/api/public/stop_kasm', pausePath: '/api/public/pause_kasm', resumePath: '/api/public/resume_kasm' })
    kasm.settings.denied = []
    expect(words((await sam.post(`/servers/${server.id}/test`, {})).body)).to.include('The connection works').and.to.include('These are the paths in use')
  })
  it('say that a server cannot be reached without saying its key', async () => {
    await kasm.down()
    const { body } = await sam.post(`/servers/${server.id}/test`, {})
    await kasm.up()
    expect(words(body)).to.include('The server cannot be used')
    expect(body).to.not.include(kasm.settings.apiKeySecret)
    expect((await asStaff(() => connectionRow({ id: server.id }))).failures).to.equal(1)
  })
  it('show before switching off who lives there, and leave them where they are', async () => {
    await world.inAcme(async () => void (await newService(await newCustomer())))
    await world.inShop('globex', async () => {
      const { workspaceId } = await newService(await newCustomer())
      await tenantDb()('kasm_workspaces').where({ id: workspaceId }).update({ status: 'running', provider_connection_id: server.id })
      await newService(await newCustomer())
    })
    const moved = { _method: 'put', label: 'Frankfurt 1', api: 'developer', baseUrl: 'https://kasm-new.example', secretApiKey: 'k', secretApiKeySecret: 's' }
    await sam.get(`/servers/${server.id}/edit`)
    const refused = await sam.post(`/servers/${server.id}`, moved)
    expect([refused.status, words(refused.body)]).to.satisfy(([status, body]: [number, string]) => status === 422 && body.includes('3 workspaces live on this server') && body.includes('It is the same server'))
    expect((await sam.post(`/servers/${server.id}`, { ...moved, sameServer: 'on' })).status).to.equal(303)
    const { apiKey, apiKeySecret } = kasm.settings
    expect((await sam.post(`/servers/${server.id}`, { ...moved, baseUrl: kasm.url, secretApiKey: apiKey, secretApiKeySecret: apiKeySecret, sameServer: 'on' })).status).to.equal(303)
    const preview = words((await sam.get(`/servers/${server.id}/suspension`)).body)
    expect(preview).to.match(/3 workspaces on this server .*Globex 2 1 .*Acme 1 0/)
    expect((await sam.post(`/servers/${server.id}/suspension`, {})).status).to.equal(303)
    expect(words((await sam.get('/servers?show=off')).body)).to.include('Frankfurt 1')
    expect((await sam.post(`/servers/${server.id}/suspension`, { _method: 'delete' })).status).to.equal(303)
    expect(words((await sam.get('/servers?show=off')).body)).to.include('No server is like this')
  })
  it('list strangers, and end an orphan only after a page that says what happens', async () => {
    const api = openKasm(await asStaff(() => connectionById(server.id)))
    for (const username of ['acme-22222222222222222222', 'john']) {
      const { userId } = await api.createUser({ username, password: 'p', firstName: 'A', lastName: 'B' })
      await api.requestSession({ userId, imageId: imageId('vscode', 'basic') })
    }
    await asStaff(reportStrangers)
    expect(words((await sam.get('/servers')).body)).to.include('2 orphans')
    const list = await sam.get(`/servers/${server.id}/strangers`)
    expect(words(list.body)).to.include('acme-22222222222222222222').and.to.match(/Foreign 1/)
    expect(words((await sam.get(`/servers/${server.id}/strangers?show=foreign`)).body)).to.include('john').and.not.include('End it')
    const confirm = /href="(\/servers\/\d+\/strangers\/\d+\/end)"/.exec(list.body)![1]!
    expect(words((await sam.get(confirm)).body)).to.include('looked at once more')
    expect(kasm.alive).to.have.length(2)
    expect((await sam.post(confirm.replace(/\/end$/, ''), { _method: 'delete' })).status).to.equal(303)
    expect(kasm.alive.map((s) => kasm.state.users.find((u) => u.user_id === s.user_id)?.username)).to.deep.equal(['john'])
    const foreign = (await asStaff(() => centralDb()('provider_strangers').where({ whose: 'foreign' }).first('id'))) as { id: number }
    expect((await sam.post(`/servers/${server.id}/strangers/${foreign.id}`, { _method: 'delete' })).status).to.equal(409)
  })

  describe('of a shop’s own', () => {
    it('are brought by the owner, found by nobody else, and not changed by support', async () => {
      expect(words((await owner.get('/reseller/servers')).body)).to.include('No server of your own').and.not.include('Frankfurt')
      await owner.get('/reseller/servers/new')
      const answer = await owner.post('/reseller/servers', fields({ label: 'My rack' }))
      const rack = await newest()
      expect([answer.status, answer.headers.location, rack.tenant_id]).to.deep.equal([303, `/reseller/servers/${rack.name}`, (await world.tenant('acme')).id])
      expect(words((await owner.post(`/reseller/servers/${rack.name}/test`, {})).body)).to.include('The connection works')
      const other = await world.member('globex')
      for (const path of ['', '/edit', '/suspension']) expect((await other.get(`/reseller/servers/${rack.name}${path}`)).status, path).to.equal(404)
      await other.get('/reseller/servers')
      expect((await other.post(`/reseller/servers/${rack.name}`, { _method: 'put', ...fields() })).status).to.equal(404)
      for (const name of [server.name, String(server.id), String(rack.id)]) expect((await owner.get(`/reseller/servers/${name}`)).status, name).to.equal(404)
      const support = await world.member('acme', 'support')
      expect((await support.get(`/reseller/servers/${rack.name}`)).status).to.equal(200)
      expect((await support.post(`/reseller/servers/${rack.name}/suspension`, {})).status).to.equal(409)
      expect(words((await sam.get('/servers?show=own')).body)).to.include('My rack').and.to.include('brought by Acme')
      expect((await sam.get(`/tenants/acme/servers/${rack.name}`)).status).to.equal(200)
    })
    it('must be in the open internet, and spoken to by https', async () => {
      const allowed = config().ALLOW_PRIVATE_OUTSIDE
      overrideConfig({ ALLOW_PRIVATE_OUTSIDE: false })
      await owner.get('/reseller/servers/new')
      for (const baseUrl of ['http://kasm.example.com', 'https://127.0.0.1', 'https://2130706433', 'https://[::1]', 'https://[::ffff:10.0.0.1]', 'https://169.254.169.254', 'https://localhost', 'https://10.0.0.1:8443']) {
        expect((await owner.post('/reseller/servers', fields({ baseUrl }))).status, baseUrl).to.equal(422)
      }
      const rack = await newest()
      const answer = words((await owner.post(`/reseller/servers/${rack.name}/test`, {})).body)
      overrideConfig({ ALLOW_PRIVATE_OUTSIDE: allowed })
      expect(answer).to.include('The server cannot be used')
      expect(kasm.calls).to.deep.equal([])
    })
  })
})
