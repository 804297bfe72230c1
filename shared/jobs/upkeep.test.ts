import { expect } from 'chai'
import { z } from 'zod'
import { overrideConfig } from '../config.js'
import { alertsSettled } from '../alerts/alert.js'
import { DiscordSimulator } from '../simulators/discord.js'
import { setClock, useWorld } from '../testing/world.js'
import { listJobs } from './console.js'
import { defineJob } from './job.js'
import { parkedJobs } from './park.js'
import { runDueJobs } from './run-due-jobs.js'
import { runSchedule } from './timetable.js'
import { scheduleUpkeep } from './upkeep.js'

describe('the upkeep of jobs', () => {
  const world = useWorld()
  const work = defineJob({ name: 'upkeep.work', scope: 'tenant', payload: z.object({}), handler: async () => undefined })
  before(scheduleUpkeep)
  beforeEach(async () => {
    await world.clean()
    world.directory.put(world.acme)
    world.directory.put(world.globex)
  })

  it('resumes the parked jobs of a tenant that serves again, and of no other', async () => {
    for (const tenant of [world.acme, world.globex]) {
      await world.as(tenant, () => work.enqueue({}))
      world.directory.put({ ...tenant, status: 'suspended' })
    }
    await runDueJobs()
    world.directory.put(world.acme)
    await runSchedule('jobs.resume-parked')
    expect((await parkedJobs()).map((job) => job.tenant)).to.deep.equal([world.globex.uuid])
    expect((await listJobs({ name: 'upkeep.work' })).jobs.map((job) => job.tenant)).to.deep.equal([world.acme.uuid])
  })

  it('leaves failed jobs and jobs of tenants that are gone to a person', async () => {
    await world.as(world.acme, () => work.enqueue({}))
    world.directory.remove(world.acme)
    await runDueJobs()
    world.directory.put(world.acme)
    await runSchedule('jobs.resume-parked')
    expect((await parkedJobs()).map((job) => job.reason)).to.deep.equal(['tenant-gone'])
  })

  it('tells staff once when the timetable stands still, and again when something changes', async () => {
    const discord = await new DiscordSimulator().start()
    overrideConfig({ ALERT_WEBHOOK_URL: discord.url })
    try {
      setClock(new Date(Date.now() + 86_400_000 * 9))
      await runSchedule('jobs.watchdog')
      await runSchedule('jobs.watchdog')
      await alertsSettled()
      expect(discord.messages).to.have.length(1)
      expect(discord.messages[0]!.embeds![0]!.description).to.contain('mail.sweep-central')
      await runSchedule('mail.sweep-central')
      await runSchedule('jobs.watchdog')
      await alertsSettled()
      expect(discord.messages[1]!.embeds![0]!.description).to.not.contain('mail.sweep-central')
    } finally {
      overrideConfig({ ALERT_WEBHOOK_URL: undefined })
      await discord.stop()
    }
  })
})
