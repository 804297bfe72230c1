import { expect } from 'chai'
import { alertsSettled } from '../../shared/alerts/alert.js'
import { overrideConfig } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { newPublicId } from '../../shared/security/token.js'
import { DiscordSimulator } from '../../shared/simulators/discord.js'
import { KasmSimulator } from '../../shared/simulators/kasm.js'
import { imageId } from '../../shared/simulators/kasm/state.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { openKasm } from '../../tenant/kasm/provider/open-kasm.js'
import { forgetSightings } from '../../tenant/kasm/provider/sightings.js'
import { newCustomer, newService } from '../../tenant/scenarios/billing-world.js'
import { asStaff, useCentral } from '../testing/central-world.js'
import { connectionOf, connectionRow, type ConnectionRow } from './connection.js'
import { endOrphan } from './end-orphan.js'
import { lookForStrangers, TOLERATED_MS } from './look-for-strangers.js'
import { addConnection } from './save-connection.js'
import type { StrangerRow } from './stranger-rows.js'
import { judge, type Found, type KnownShop, type KnownWorkspace } from './strangers.js'

const id = 'k7m2p9q4r8s3t6v5w2x9'
const shopWith = (workspace: Partial<KnownWorkspace> | null): ReadonlyMap<string, KnownShop> => new Map([['acme', {
  tenantId: 1, byName: workspace && new Map([[`acme-${id}`, [{ username: `acme-${id}`, kasmWorkspaceId: 'a', status: 'running', here: true, ...workspace }]]]),
}]])
const session = (more: Partial<Found> = {}): Found => ({ kind: 'session', outsideId: 'a', userId: 'u', username: `acme-${id}`, status: 'running', ...more })
const verdict = (found: Found, workspace: Partial<KnownWorkspace> | null): string => judge(found, shopWith(workspace))?.whose ?? 'explained'

describe('A desktop at the server', () => {
  it('is explained by the workspace that has it, and by one that is just now coming up or going', () => {
    expect(verdict(session(), {})).to.equal('explained')
    for (const status of ['provisioning', 'starting', 'stopping', 'pausing', 'terminating']) expect(verdict(session({ outsideId: 'new' }), { status, kasmWorkspaceId: null }), status).to.equal('explained')
    expect(verdict(session({ outsideId: 'old', status: 'deleting' }), {})).to.equal('explained')
  })
  it('is an orphan when its workspace has another one, is over, or lives on another server', () => {
    for (const status of ['running', 'stopped', 'failed', 'archived']) expect(verdict(session({ outsideId: 'second' }), { status }), status).to.equal('orphan')
    expect(verdict(session(), { status: 'terminated' })).to.equal('orphan')
    expect(verdict(session(), { here: false })).to.equal('orphan')
    expect(verdict(session({ username: 'acme-22222222222222222222' }), {})).to.equal('orphan')
  })
  it('is foreign when no shop of ours bears that name, and nobody’s affair while the shop cannot be asked', () => {
    for (const username of ['acme-john', `globex-${id}`, 'acme-two-k7m2p9q4r8s3t6v5w2x9', null]) expect(verdict(session({ username }), {}), String(username)).to.equal('foreign')
    expect(verdict(session(), null)).to.equal('explained')
    expect(judge({ ...session({ username: 'john' }), kind: 'user' }, shopWith({}))).to.equal(null)
  })
})

describe('The report of strangers', function () {
  this.timeout(60_000)
  const world = useCentral()
  const kasm = new KasmSimulator({ runningAfterLooks: 1 })
  let discord: DiscordSimulator
  let [server, racked] = [] as unknown as [ConnectionRow, ConnectionRow]
  const start = new Date('2036-11-22T09:00:00.000Z')
  const inShop = async <T>(slug: string, work: () => Promise<T>): Promise<T> => runInTenant(await world.tenant(slug), work)
  const api = () => openKasm(connectionOf(server))

  /** A user with a desktop at the server, and a workspace row of the shop that knows it, as `row` says. */
  async function desktop(slug: string, row: Record<string, unknown> | null, username = `${slug}-${newPublicId()}`) {
    const { userId } = await api().createUser({ username, password: 'p', firstName: 'A', lastName: 'B' })
    const { kasmId } = await api().requestSession({ userId, imageId: imageId('vscode', 'basic') })
    if (row) {
      await inShop(slug, async () => {
        const { workspaceId } = await newService(await newCustomer())
        await tenantDb()('kasm_workspaces').where({ id: workspaceId }).update({ username, kasm_user_id: userId, kasm_workspace_id: kasmId, status: 'running', ...row })
      })
    }
    return { userId, kasmId, username }
  }
  const look = async (row = server, users = true): Promise<StrangerRow[]> => {
    forgetSightings()
    await asStaff(() => lookForStrangers(row, clock.real(), users))
    return (await asStaff(() => centralDb()('provider_strangers').where({ connection_id: row.id }).orderBy('id'))) as StrangerRow[]
  }
  const told = async (): Promise<string[]> => {
    await alertsSettled()
    return discord.messages.flatMap((m) => m.embeds!.map((e) => e.description ?? ''))
  }

  before(async () => {
    await kasm.up()
    discord = await new DiscordSimulator().start()
    overrideConfig({ ALERT_WEBHOOK_URL: discord.url })
    for (const slug of ['acme', 'acme-two']) await world.open(slug)
    const input = { label: 'Frankfurt', baseUrl: kasm.url, api: 'developer' as const, secretApiKey: kasm.settings.apiKey, secretApiKeySecret: kasm.settings.apiKeySecret }
    const acme = await world.tenant('acme')
    await asStaff(async () => {
      server = await addConnection(input, null)
      racked = await addConnection({ ...input, label: 'Rack' }, acme.id)
    })
  })
  after(async () => {
    overrideConfig({ ALERT_WEBHOOK_URL: undefined })
    await discord.stop()
    await kasm.down()
  })
  beforeEach(async () => {
    kasm.reset()
    clock.set(start)
    await asStaff(() => centralDb()('provider_strangers').delete())
  })

  it('keeps acme and acme-two apart: each desktop is looked for in its own shop', async () => {
    await desktop('acme', {})
    await desktop('acme-two', {})
    expect(await look()).to.deep.equal([])
    const name = `acme-two-${newPublicId()}`
    await desktop('acme', {}, name)
    const tenants = { acme: (await world.tenant('acme')).id, two: (await world.tenant('acme-two')).id }
    expect((await look()).map((s) => [s.kind, s.whose, s.tenant_id, s.username])).to.deep.equal([['session', 'orphan', tenants.two, name], ['user', 'orphan', tenants.two, name]])
  })
  it('names orphans of both kinds and foreign desktops, not those that come up, with since when, and ends nothing', async () => {
    await desktop('acme', { status: 'provisioning', kasm_workspace_id: null })
    const lost = await desktop('acme', { status: 'terminated' })
    await desktop('john', null, 'john')
    await desktop('acme', { provider_connection_id: racked.id })
    const before = kasm.state.sessions.length
    const first = await look()
    expect(first.map((s) => [s.kind, s.whose])).to.deep.equal([['session', 'orphan'], ['session', 'orphan'], ['user', 'orphan'], ['user', 'orphan'], ['session', 'foreign']])
    clock.set(new Date(start.getTime() + 300_000))
    const second = await look()
    expect(second.map((s) => s.first_seen_at)).to.deep.equal(first.map(() => start))
    expect(second[0]).to.include({ outside_id: lost.kasmId, username: lost.username })
    expect([kasm.state.sessions.length, kasm.seen('destroy_kasm').length, kasm.seen('delete_user').length]).to.deep.equal([before, 0, 0])
  })
  it('forgets what is gone, but users only when it looked at users', async () => {
    const lost = await desktop('acme', null)
    expect(await look()).to.have.length(2)
    kasm.kill(lost.kasmId)
    kasm.state.users.length = 0
    expect((await look(server, false)).map((s) => s.kind)).to.deep.equal(['user'])
    expect(await look()).to.deep.equal([])
  })
  it('stays as it was while the server does not answer', async () => {
    await desktop('acme', null)
    await look()
    kasm.fault({ mode: 'error-500' })
    expect(await look().catch((e: unknown) => e)).to.include({ code: 'http-500' })
    expect(await asStaff(() => centralDb()('provider_strangers').pluck('kind'))).to.have.length(2)
  })
  it('tells staff of an orphan once, when it is 15 minutes old, and never of foreign desktops', async () => {
    const lost = await desktop('acme', { status: 'terminated' })
    await desktop('john', null, 'john')
    await look()
    clock.set(new Date(start.getTime() + TOLERATED_MS - 1000))
    await look()
    expect(await told()).to.deep.equal([])
    clock.set(new Date(start.getTime() + TOLERATED_MS))
    await look()
    clock.set(new Date(start.getTime() + 2 * TOLERATED_MS))
    await look()
    const messages = await told()
    expect(messages).to.have.length(1)
    expect(messages[0]).to.include(lost.username).and.not.include('john')
  })
  it('sees on a shop’s own server only that shop: names of others there are foreign', async () => {
    await desktop('acme-two', {})
    await desktop('acme', null)
    expect((await look(racked)).filter((s) => s.kind === 'session').map((s) => s.whose).sort()).to.deep.equal(['foreign', 'orphan'])
  })

  describe('and the word of staff', () => {
    const end = (stranger: StrangerRow) => asStaff(() => endOrphan(server, stranger, 'sam@ezscale.localhost').then(() => null, (e: unknown) => e))
    it('ends one orphan, and leaves an audit event', async () => {
      const lost = await desktop('acme', { status: 'terminated' })
      const [orphan, user] = await look()
      expect(await end(orphan!)).to.equal(null)
      expect(kasm.alive).to.deep.equal([])
      expect(kasm.state.users).to.have.length(1)
      expect(await end(user!)).to.equal(null)
      expect(kasm.state.users).to.deep.equal([])
      expect(await end(orphan!)).to.equal(null)
      const events = (await asStaff(() => centralDb()('events').where({ type: 'provider.orphan-ended' }).orderBy('id').pluck('data'))) as unknown[]
      expect(JSON.stringify(events[0])).to.include(lost.kasmId)
      expect(await asStaff(() => connectionRow({ id: server.id }))).to.include({ status: 'active' })
    })
    it('ends nothing that a workspace explains by then', async () => {
      const { kasmId, username, userId } = await desktop('acme', null)
      const [orphan] = await look()
      await inShop('acme', async () => {
        const { workspaceId } = await newService(await newCustomer())
        await tenantDb()('kasm_workspaces').where({ id: workspaceId }).update({ username, kasm_user_id: userId, kasm_workspace_id: kasmId, status: 'running' })
      })
      expect(await end(orphan!)).to.include({ code: 'stranger.explained' })
      expect(kasm.alive).to.have.length(1)
    })
    it('is refused for what is foreign', async () => {
      await desktop('john', null, 'john')
      const [foreign] = await look()
      expect(await end(foreign!)).to.include({ code: 'stranger.foreign' })
      expect(kasm.seen('destroy_kasm')).to.deep.equal([])
    })
  })
})
