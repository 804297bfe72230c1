import { expect } from 'chai'
import type { Tenant } from '../tenancy/tenant.js'
import { Physical, type Account } from './physical.js'
import type { SwitchStyle } from './quick-switch.js'
import { adminConnection, serverOf } from './servers.js'
import { makeTestTenants } from './test-tenants.js'

const accountOf = (t: Tenant): Account => ({ key: t.uuid, user: t.db.user, password: t.db.password, database: t.db.database })
const failure = async (promise: PromiseLike<unknown>): Promise<Error> => promise.then(() => { throw new Error('It did not fail.') }, (e: Error) => e)

describe('The quick switch of tenants', () => {
  let accounts: Account[]
  let drop: () => Promise<void>
  let native = false
  const at = (i: number) => accounts[i] as Account
  const open = (i: number) => Physical.open(serverOf(1), at(i))

  before(async () => {
    const made = await makeTestTenants(3)
    drop = made.drop
    accounts = made.tenants.map(accountOf)
    const admin = await adminConnection(1)
    const [rows] = await admin.query('select version() as v')
    native = String((rows as Array<{ v: string }>)[0]?.v).includes('MariaDB')
    await admin.end()
  })
  after(() => drop())

  it('learns from the first answer whether the proof may be sent ahead, and is who it says it is before and after', async () => {
    const style: SwitchStyle = {}
    const p = await open(0)
    for (const i of [1, 2, 0, 1]) {
      await p.switchTo(at(i), style)
      await p.verify(at(i))
    }
    expect(style.repeats).to.equal(native ? true : undefined)
    p.destroy()
  })

  it('works when many connections switch at once before anything is learned', async () => {
    const style: SwitchStyle = {}
    const all = await Promise.all(Array.from({ length: 12 }, () => open(0)))
    await Promise.all(all.map((p) => p.switchTo(at(1), style).then(() => p.verify(at(1)))))
    for (const p of all) p.destroy()
  })

  it('answers when asked where a server does not repeat its challenge, and gives up when a server changes its way', async () => {
    const p = await open(0)
    const raw = p.raw as unknown as { _handshakePacket: { authPluginData1: Buffer } }
    raw._handshakePacket.authPluginData1 = Buffer.from(raw._handshakePacket.authPluginData1).fill(7)
    const style: SwitchStyle = {}
    await p.switchTo(at(1), style)
    await p.verify(at(1))
    expect(style.repeats).to.equal(native ? false : undefined)
    if (native) {
      await failure(p.switchTo(at(2), { repeats: true }))
      expect(p.healthy).to.equal(false)
    }
    p.destroy()
  })

  it('closes the connection on a wrong password, with the number of the server\'s refusal', async () => {
    for (const style of [{}, { repeats: true }]) {
      const p = await open(0)
      expect(await failure(p.switchTo({ ...at(1), password: 'wrong' }, style))).to.have.property('errno', 1045)
      expect(p.healthy).to.equal(false)
    }
  })

  it('reports a connection that is lost in the middle', async () => {
    const p = await open(0)
    const going = failure(p.switchTo(at(1), {}))
    ;(p.raw as unknown as { stream: { destroy(): void } }).stream.destroy()
    expect(await going).to.be.instanceOf(Error)
    expect(p.healthy).to.equal(false)
  })
})
