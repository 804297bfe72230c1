import { expect } from 'chai'
import type { Request } from 'express'
import { centralDb } from '../database/central-database.js'
import { runInCentral } from '../tenancy/context.js'
import { useWorld } from '../testing/world.js'
import { byAddress, byFieldAndAddress, forgetBlocked, forgive, spend, sweepRateLimits, type Rule } from './rate-limit.js'

const rule: Rule = { points: 3, seconds: 60, by: byFieldAndAddress('email') }
const from = (scope: string, email: unknown, ip = '192.0.2.1') => ({ ip, body: { email }, site: { scope } }) as unknown as Request

describe('how often somebody may try', () => {
  const world = useWorld()
  beforeEach(async () => {
    await world.clean()
    forgetBlocked()
  })
  const tries = async (req: Request, n: number, name = 'test'): Promise<number[]> => {
    const statuses: number[] = []
    for (let i = 0; i < n; i++) statuses.push(await spend(name, rule, req).then(() => 200, (error: { status: number }) => error.status))
    return statuses
  }

  it('is counted by shop, by account and by address', async () => {
    expect(await tries(from('a', 'ada@x.yz'), 4)).to.deep.equal([200, 200, 200, 429])
    expect(await tries(from('a', ' ADA@x.yz '), 1)).to.deep.equal([429])
    expect(await tries(from('b', 'ada@x.yz'), 1)).to.deep.equal([200])
    expect(await tries(from('a', 'eve@x.yz'), 1)).to.deep.equal([200])
    expect(await tries(from('a', 'ada@x.yz', '192.0.2.2'), 1)).to.deep.equal([200])
  })

  it('is counted inside a tenant as well, and leaves no address of a person in the table', async () => {
    await world.as(world.acme, () => spend('test', rule, from('a', 'ada@x.yz')))
    const keys = await runInCentral(() => centralDb()('rate_limits').pluck('key') as unknown as Promise<string[]>)
    expect(keys).to.have.length(1)
    expect(keys[0]).to.match(/^test:a:[0-9a-f]{64}$/)
  })

  it('is exact when many try at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => tries(from('a', 'ada@x.yz'), 1)))
    expect(all.flat().filter((s) => s === 200)).to.have.length(3)
  })

  it('tells how long to wait', async () => {
    await tries(from('a', 'ada@x.yz'), 3)
    const error = await spend('test', rule, from('a', 'ada@x.yz')).catch((e: { headers: Record<string, string>; message: string }) => e)
    expect(Number((error as { headers: Record<string, string> }).headers['Retry-After'])).to.be.within(1, 60)
  })

  it('is forgiven after a success, and swept when the window is over', async () => {
    const req = from('a', 'ada@x.yz')
    await tries(req, 2)
    await forgive('test', rule, req)
    expect(await tries(req, 3)).to.deep.equal([200, 200, 200])
    expect(await sweepRateLimits(Date.now() + 61_000)).to.equal(1)
  })

  it('goes on in memory while the central table is away', async () => {
    const broken: Rule = { ...rule, points: 2 }
    await runInCentral(() => centralDb().raw('rename table rate_limits to gone'))
    try {
      const statuses: number[] = []
      for (let i = 0; i < 3; i++) statuses.push(await spend('broken', broken, from('a', 'ada@x.yz')).then(() => 200, (error: { status: number }) => error.status))
      expect(statuses).to.deep.equal([200, 200, 429])
    } finally {
      await runInCentral(() => centralDb().raw('rename table gone to rate_limits'))
    }
  })

  it('counts a person with IPv6 by their network', () => {
    expect(byAddress({ ip: '2001:db8:1:2:3:4:5:6' } as Request)).to.equal(byAddress({ ip: '2001:db8:1:2:ffff::1' } as Request))
    expect(byAddress({ ip: '::ffff:192.0.2.1' } as Request)).to.equal('192.0.2.1')
  })
})
