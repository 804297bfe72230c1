import { expect } from 'chai'
import { alertsSettled } from '../../shared/alerts/alert.js'
import { overrideConfig } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { OutsideError } from '../../shared/errors.js'
import { DiscordSimulator } from '../../shared/simulators/discord.js'
import { KasmSimulator } from '../../shared/simulators/kasm.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import { directory } from '../../shared/tenancy/directory.js'
import { clock } from '../../shared/time/clock.js'
import { choose } from '../../tenant/kasm/provider/choose-connection.js'
import { connections, kasmOf } from '../../tenant/kasm/provider/connection.js'
import { forgetNotes, outcomeOf } from '../../tenant/kasm/provider/note-call.js'
import { forgetSightings } from '../../tenant/kasm/provider/sightings.js'
import { asStaff, useCentral } from '../testing/central-world.js'
import { connectionRow, type ConnectionRow } from './connection.js'
import { afterCall } from './health.js'
import { watchConnections } from './jobs.js'
import { addConnection, switchConnection } from './save-connection.js'

const well = { failures: 0, failing_since: null, last_ok_at: null, last_error_at: null }
const now = new Date('2026-11-22T09:00:00.000Z')

describe('The health of a server', () => {
  it('is failing from the third failure in a row on, and well again with one answer', () => {
    expect(afterCall({ ...well, failures: 1 }, false, now)).to.deep.equal({ failures: 2, failing_since: null, turn: null })
    expect(afterCall({ ...well, failures: 2 }, false, now)).to.deep.equal({ failures: 3, failing_since: now, turn: 'fails' })
    const since = new Date(0)
    expect(afterCall({ ...well, failures: 3, failing_since: since }, false, now)).to.deep.equal({ failures: 4, failing_since: since, turn: null })
    expect(afterCall({ ...well, failures: 9, failing_since: since }, true, now)).to.deep.equal({ failures: 0, failing_since: null, turn: 'recovers' })
    expect(afterCall({ ...well, failures: 2 }, true, now)).to.deep.equal({ failures: 0, failing_since: null, turn: null })
  })
  it('does not suffer from a server that says no, from our own limits, or from a permission for something less than the list', () => {
    const said = (call: string, code: string) => outcomeOf(call, new OutsideError('x', { door: 'kasm', code, retryable: true }))?.ok ?? null
    expect(['no-resources', 'not-found', 'user-exists', 'http-404'].map((code) => said('requestSession', code))).to.deep.equal([true, true, true, true])
    expect(['unreachable', 'no-answer', 'http-500', 'http-503', 'bad-answer', 'too-large'].map((code) => said('stop', code))).to.deep.equal(Array(6).fill(false))
    expect([said('pause', 'unauthorized'), said('sessions', 'unauthorized'), said('sessions', 'rate-limited'), outcomeOf('sessions', new Error('a bug'))]).to.deep.equal([true, false, null, null])
  })
})

describe('Servers of a platform with two shops', function () {
  this.timeout(60_000)
  const world = useCentral()
  const kasm = new KasmSimulator()
  let discord: DiscordSimulator
  let [first, second, own] = [] as unknown as [ConnectionRow, ConnectionRow, ConnectionRow]
  const told = async (): Promise<string[]> => {
    await alertsSettled()
    return discord.messages.flatMap((m) => m.embeds!.map((e) => e.title ?? ''))
  }
  const input = (label: string, more: object = {}) => ({ label, baseUrl: kasm.url, api: 'developer' as const, secretApiKey: kasm.settings.apiKey, secretApiKeySecret: kasm.settings.apiKeySecret, ...more })
  const inShop = async <T>(slug: string, work: () => Promise<T>): Promise<T> => runInTenant(await world.tenant(slug), work)
  const chosen = (slug: string, region = 'eu') => inShop(slug, async () => choose(await connections(), region)?.id)
  const fresh = (row: ConnectionRow): Promise<ConnectionRow> => asStaff(() => connectionRow({ id: row.id }))

  before(async () => {
    await kasm.up()
    discord = await new DiscordSimulator().start()
    overrideConfig({ ALERT_WEBHOOK_URL: discord.url })
    for (const slug of ['acme', 'globex']) await world.open(slug)
    const acme = await world.tenant('acme')
    await asStaff(async () => {
      first = await addConnection(input('Frankfurt', { region: 'eu' }), null)
      second = await addConnection(input('Ashburn', { region: 'us', maxSessions: 1 }), null)
      own = await addConnection(input('Acme’s rack', { region: 'eu' }), acme.id)
    })
  })
  after(async () => {
    overrideConfig({ ALERT_WEBHOOK_URL: undefined })
    await discord.stop()
    await kasm.down()
  })
  beforeEach(() => {
    kasm.reset()
    forgetNotes()
    forgetSightings()
  })

  it('are found by the shops that may use them: a shop’s own by nobody else, and first', async () => {
    const seen = (slug: string) => inShop(slug, async () => (await connections()).map((c) => [c.label, c.own]))
    expect(await seen('acme')).to.deep.equal([['Acme’s rack', true], ['Frankfurt', false], ['Ashburn', false]])
    expect(await seen('globex')).to.deep.equal([['Frankfurt', false], ['Ashburn', false]])
    expect(await chosen('acme')).to.equal(own.id)
    expect(await chosen('globex')).to.equal(first.id)
    expect(await inShop('globex', () => kasmOf({ providerConnectionId: own.id })).catch((e: unknown) => e)).to.include({ code: 'not-connected' })
  })
  it('keep their keys sealed with the row, open them for a call only, and name them in no event', async () => {
    const rows = (await asStaff(() => centralDb()('provider_connections').select())) as ConnectionRow[]
    const events = JSON.stringify(await asStaff(() => centralDb()('events').where('type', 'like', 'provider.%').select()))
    for (const secret of [kasm.settings.apiKey, kasm.settings.apiKeySecret]) expect(JSON.stringify(rows) + events).to.not.include(secret)
    await asStaff(() => centralDb()('provider_connections').where({ id: second.id }).update({ secrets_sealed: rows.find((r) => r.id === first.id)!.secrets_sealed }))
    expect(await directory().providers(await world.tenant('globex'), 'kasm').catch((e: unknown) => e)).to.be.instanceOf(Error)
    await asStaff(() => centralDb()('provider_connections').where({ id: second.id }).update({ secrets_sealed: rows.find((r) => r.id === second.id)!.secrets_sealed }))
  })
  it('tell staff once when an outage begins and once when it is over, whoever notices', async () => {
    const calls = (n: number) => Promise.all(Array.from({ length: n }, () => inShop('globex', async () => (await kasmOf({ providerConnectionId: first.id })).sessions().catch((e: unknown) => e))))
    kasm.fault({ mode: 'error-500' })
    await calls(2)
    expect((await fresh(first)).failing_since).to.equal(null)
    expect(await told()).to.deep.equal([])
    await calls(12)
    expect((await fresh(first)).failing_since).to.be.instanceOf(Date)
    expect((await inShop('globex', () => connections())).map((c) => c.health)).to.deep.equal(['failing', 'unknown'])
    kasm.fault()
    await calls(6)
    const row = await fresh(first)
    expect([row.failing_since, row.failures, row.sessions]).to.deep.equal([null, 0, 0])
    expect(await told()).to.deep.equal(['The workspace server "Frankfurt" does not answer', 'The workspace server "Frankfurt" answers again'])
  })
  it('are not written to for each call that goes well', async () => {
    const api = await inShop('globex', () => kasmOf({ providerConnectionId: second.id }))
    clock.set('2036-12-01T10:00:00Z')
    await inShop('globex', () => api.images())
    clock.set('2036-12-01T10:00:05Z')
    for (let n = 0; n < 20; n++) await inShop('globex', () => api.images())
    expect((await fresh(second)).last_ok_at).to.deep.equal(new Date('2036-12-01T10:00:00Z'))
    clock.set('2036-12-01T10:00:10Z')
    for (let n = 0; n < 4; n++) await inShop('globex', async () => void (n % 4 === 1 ? await api.sessions() : await api.images()))
    expect((await fresh(second)).last_ok_at).to.deep.equal(new Date('2036-12-01T10:00:10Z'))
    clock.set('2036-12-01T10:00:15Z')
    for (let n = 0; n < 20; n++) await inShop('globex', () => api.sessions())
    expect((await fresh(second)).last_ok_at).to.deep.equal(new Date('2036-12-01T10:00:10Z'))
  })
  it('are called by ourselves when nobody called them for a minute, and only then', async () => {
    const later = new Date('2036-12-02T10:00:00Z')
    clock.set(later)
    await asStaff(watchConnections)
    expect(kasm.seen('get_kasms')).to.have.length(3)
    for (const row of [first, second, own]) expect((await fresh(row)).last_ok_at).to.deep.equal(later)
    clock.set(new Date(later.getTime() + 54_000))
    forgetSightings()
    await asStaff(watchConnections)
    expect(kasm.seen('get_kasms')).to.have.length(3)
    await kasm.down()
    clock.set(new Date(later.getTime() + 60_000))
    await asStaff(watchConnections)
    await kasm.up()
    expect((await fresh(second)).last_error_code).to.equal('unreachable')
  })
  it('take no order when the list shows them full, and none when they are switched off', async () => {
    await asStaff(() => centralDb()('provider_connections').where({ id: second.id }).update({ region: 'eu', sessions: 1 }))
    expect(await chosen('globex')).to.equal(first.id)
    await asStaff(() => centralDb()('provider_connections').where({ id: second.id }).update({ sessions: 0, max_sessions: 2 }))
    await asStaff(async () => switchConnection(await fresh(first), false))
    expect(await chosen('globex')).to.equal(second.id)
    expect((await inShop('globex', () => kasmOf({ providerConnectionId: first.id }))).kind).to.equal('developer')
    expect(await chosen('globex', 'us')).to.equal(undefined)
  })
})
