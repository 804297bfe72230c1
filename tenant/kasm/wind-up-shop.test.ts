import { expect } from 'chai'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { runSchedule, schedules } from '../../shared/jobs/timetable.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { windUpShop } from './wind-up-shop.js'

describe('A shop that is closed', () => {
  const world = useKasmWorld()
  /** Every minute, the timetable looks at all shops. */
  async function minutes(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      for (const { name } of schedules().filter((s) => s.scope === 'tenant' && s.every === '1 minute')) await runSchedule(name)
      await world.later(60)
    }
  }

  it('leaves no desktop running: suspended, its workspaces are stopped and billed to that minute, and what still started comes to an end', async () => {
    const bought = await world.running()
    const starting = await world.order()
    world.directory.put({ ...world.acme, status: 'suspended' })
    await minutes(3)
    for (let n = 0; n < 4; n++) await world.later(3)
    expect((await world.fresh(bought)).workspace).to.include({ status: 'stopped', stopReason: 'suspended' })
    expect((await world.fresh(starting)).workspace.status).to.be.oneOf(['stopped', 'stopping'])
    expect((await world.sessions()).map((run) => [run.endReason, run.durationBillableSeconds])).to.deep.equal([['suspended', 900]])
    expect(world.kasm.alive.filter((s) => s.status === 'running')).to.deep.equal([])
    world.directory.put(world.acme)
  })

  it('is wound up before it is dropped: users, desktops and files go, central hears of the last use; a server that is away is said, and asked again', async () => {
    const bought = await world.running()
    const stranger = await world.running(world.globex)
    await world.later(600)
    world.directory.usage.length = 0
    world.kasm.fault({ mode: 'down', calls: ['delete_user'] })
    expect(await world.as(world.acme, windUpShop)).to.equal(1)
    expect(world.directory.usage.map((record) => record.quantitySeconds)).to.deep.equal([900])
    world.kasm.fault()
    await world.later(600)
    expect(await world.as(world.acme, windUpShop)).to.equal(0)
    await runDueJobs()
    expect((await world.fresh(bought)).workspace.status).to.equal('terminated')
    expect(world.kasm.state.users).to.have.length(1)
    expect((await world.fresh(stranger, world.globex)).workspace.status).to.equal('running')
  })
})
