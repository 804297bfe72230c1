import { expect } from 'chai'
import { tenantDb } from '../database/tenant-database.js'
import { directory } from '../tenancy/directory.js'
import { clock } from '../time/clock.js'
import { setClock, useWorld } from './world.js'

describe('the world that tests run in', () => {
  const world = useWorld()
  const writeSetting = (name: string) => tenantDb()('settings').insert({ name, value: '{}', updated_at: clock.now() })

  it('has two tenants with databases of their own', async () => {
    const untouched = await world.checksum(world.globex)
    await world.as(world.acme, () => writeSetting('colour'))
    expect(await world.as(world.acme, () => tenantDb()('settings').pluck('name'))).to.deep.equal(['colour'])
    expect(await world.as(world.globex, () => tenantDb()('settings').pluck('name'))).to.deep.equal([])
    expect(await world.checksum(world.globex)).to.equal(untouched)
  })

  it('shows a change in the checksum, and is empty after cleaning', async () => {
    const before = await world.checksum(world.acme)
    await world.as(world.acme, () => writeSetting('size'))
    expect(await world.checksum(world.acme)).not.to.equal(before)
    await world.clean()
    expect(await world.as(world.acme, () => tenantDb()('settings').pluck('name'))).to.deep.equal([])
  })

  it('finds tenants by host and shows the clock that was set', async () => {
    setClock('2026-02-03T04:05:06Z')
    expect(await directory().findByHost('acme.localhost')).to.include({ kind: 'tenant', alias: false })
    expect(clock.now().toISOString()).to.equal('2026-02-03T04:05:06.000Z')
  })
})
