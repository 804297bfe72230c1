import { expect } from 'chai'
import { makeTenant, type Tenant } from '../../../shared/tenancy/tenant.js'
import { runAsPlatform, runInTenant } from '../../../shared/tenancy/context.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { startKasmSimulator, type KasmSimulator } from '../../../shared/simulators/kasm.js'
import { imageId } from '../../../shared/simulators/kasm/state.js'
import { MemoryDirectory } from '../../../shared/testing/memory-directory.js'
import { plugDirectory, type ProviderConnection } from '../../../shared/tenancy/directory.js'
import { openKasm } from './open-kasm.js'
import { forgetSightings, sightings, type Sightings } from './sightings.js'

const START = new Date('2026-11-22T09:00:00.000Z')
const at = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)
const day = 86_400_000

const shop = (n: number, more: Partial<Tenant> = {}): Tenant => makeTenant({
  id: n, uuid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, generation: 1, slug: `shop-${n}`, name: `Shop ${n}`, status: 'active', house: false, sandbox: false, clockOffsetMs: 0, primaryHost: `shop-${n}.test`, currency: 'USD', timeZone: 'UTC', locale: 'en',
  brand: { companyName: 'x', primaryColor: '#000000', secondaryColor: '#000000', logoUrl: null, faviconUrl: null, supportEmail: 'x@x.test', supportPhone: null, fromEmail: null, fromName: 'x', legalName: 'x', legalAddress: [], taxId: null, version: '1' },
  db: { serverId: 1, database: 'none', user: 'none', password: 'none' }, ...more,
})

describe('The minute’s list', () => {
  let simulator: KasmSimulator
  let connection: ProviderConnection
  const directory = new MemoryDirectory()
  const asks = (tenant: Tenant): Promise<Sightings> => runAsPlatform(() => runInTenant(tenant, () => sightings(connection)))
  const called = (): number => simulator.seen('get_kasms').length
  before(async () => {
    simulator = await startKasmSimulator()
    plugDirectory(directory)
  })
  after(async () => {
    clock.set()
    await simulator.down()
  })
  beforeEach(() => {
    simulator.reset()
    forgetSightings()
    setClock(START)
    const { apiKey, apiKeySecret } = simulator.settings
    connection = directory.connect({ id: 5, baseUrl: simulator.url, secrets: { apiKey, apiKeySecret }, settings: { timeoutMs: 5000 } })
  })

  it('is asked for once by a hundred shops at the same time, and once more in the next minute', async () => {
    const shops = Array.from({ length: 100 }, (_v, n) => shop(n + 1))
    await Promise.all(shops.map(asks))
    setClock(at(15))
    for (const one of shops) await asks(one)
    expect(called()).to.equal(1)
    setClock(at(60))
    await Promise.all(shops.map(asks))
    expect(called()).to.equal(2)
  })
  it('is served for less than 50 seconds, and says when it was asked for, not when it came', async () => {
    const first = asks(shop(1))
    setClock(at(3))
    expect((await first).lookedAt).to.deep.equal(START)
    setClock(at(49.999))
    expect((await asks(shop(2))).lookedAt).to.deep.equal(START)
    expect(called()).to.equal(1)
    setClock(at(50))
    expect((await asks(shop(2))).lookedAt).to.deep.equal(at(50))
    expect(called()).to.equal(2)
  })
  it('groups desktops by their user', async () => {
    const api = openKasm(connection)
    const users = [await api.createUser({ username: 'a', password: 'p', firstName: 'A', lastName: 'B' }), await api.createUser({ username: 'b', password: 'p', firstName: 'A', lastName: 'B' })]
    for (const user of [users[0]!, users[0]!, users[1]!]) await api.requestSession({ userId: user.userId, imageId: imageId('vscode', 'basic') })
    const { byUser } = await asks(shop(1))
    expect(users.map((user) => byUser.get(user.userId)?.length)).to.deep.equal([2, 1])
  })
  it('that fails is one failure for all who waited, and one call', async () => {
    simulator.fault({ mode: 'error-500' })
    const shops = Array.from({ length: 20 }, (_v, n) => shop(n + 1))
    const errors = await Promise.all(shops.map((one) => asks(one).catch((e: unknown) => e)))
    expect(new Set(errors).size).to.equal(1)
    expect(errors[0]).to.include({ code: 'http-500', retryable: true })
    setClock(at(4))
    expect(await asks(shop(30)).catch((e: unknown) => e)).to.equal(errors[0])
    expect(called()).to.equal(1)
    simulator.fault()
    setClock(at(5))
    await asks(shop(1))
    expect(called()).to.equal(2)
  })
  it('does not fall back on an older list when the server does not answer', async () => {
    await asks(shop(1))
    setClock(at(60))
    simulator.fault({ mode: 'down' })
    expect(await asks(shop(1)).catch((e: unknown) => e)).to.include({ code: 'no-answer' })
  })
  it('is dated in the clock of whoever asks', async () => {
    const ahead = shop(2, { sandbox: true, clockOffsetMs: 31 * day })
    expect((await asks(shop(1))).lookedAt).to.deep.equal(START)
    expect((await asks(ahead)).lookedAt).to.deep.equal(new Date(START.getTime() + 31 * day))
    setClock(at(20))
    expect((await asks(ahead)).lookedAt).to.deep.equal(new Date(START.getTime() + 31 * day))
  })
  it('from before a clock was moved is not dated in the moved clock: what began since then would seem to have ended', async () => {
    const before = shop(2, { sandbox: true, clockOffsetMs: day })
    await asks(before)
    expect(called()).to.equal(1)
    setClock(at(1))
    const after = shop(2, { sandbox: true, clockOffsetMs: 2 * day })
    expect((await asks(after)).lookedAt).to.deep.equal(new Date(at(1).getTime() + 2 * day))
    expect(called()).to.equal(2)
    await asks(after)
    await asks(shop(3))
    expect(called()).to.equal(2)
  })
  it('is told to each server by itself', async () => {
    await asks(shop(1))
    connection = directory.connect({ ...connection, id: 6 })
    await asks(shop(1))
    expect(called()).to.equal(2)
  })
})
