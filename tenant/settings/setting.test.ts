import { expect } from 'chai'
import { z } from 'zod'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { withActor } from '../../shared/events/actor.js'
import { useWorld } from '../../shared/testing/world.js'
import { defineSetting } from './setting.js'

describe('A setting of a shop', () => {
  const world = useWorld()
  const days = defineSetting('test.days', z.object({ days: z.number().int() }), { days: 7 })
  beforeEach(() => world.clean())

  it('is kept with who changed it from what to what, once a change', async () => {
    await world.as(world.acme, async () => {
      for (const n of [3, 3, 5]) await withActor({ kind: 'user', id: 9 }, () => days.write({ days: n }))
      expect(await days.read()).to.deep.equal({ days: 5 })
      const events = (await tenantDb()('events').where({ type: 'setting.changed' }).orderBy('id')) as Array<{ data: string | object; actor_id: number }>
      expect(events.map(({ data, actor_id: by }) => [typeof data === 'string' ? JSON.parse(data) as object : data, by])).to.deep.equal([
        [{ setting: 'test.days', before: { days: 7 }, after: { days: 3 } }, 9], [{ setting: 'test.days', before: { days: 3 }, after: { days: 5 } }, 9],
      ])
    })
    await world.as(world.globex, async () => expect(await days.read()).to.deep.equal({ days: 7 }))
  })

  it('that no release understands any more is the fallback, and a wrong one is not kept', async () => {
    await world.as(world.acme, async () => {
      await tenantDb()('settings').insert({ name: 'test.days', value: '{"days":"many"}', updated_at: new Date() })
      expect(await days.read()).to.deep.equal({ days: 7 })
      expect(await days.write({ days: 1.5 }).catch((error: Error) => error.name)).to.equal('ZodError')
    })
  })
})
