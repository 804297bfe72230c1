import { expect } from 'chai'
import { setClock, useWorld } from '../testing/world.js'
import { currentTenantOrNull } from '../tenancy/context.js'
import { listJobs } from './console.js'
import { runDueJobs } from './run-due-jobs.js'
import { isLate, scheduleMarks } from './schedule-mark.js'
import { intervalMs, lateSchedules, runSchedule, runSchedules, schedule } from './timetable.js'

describe('the timetable', () => {
  const world = useWorld()
  const turns: string[] = []
  let broken = ''
  const turn = (name: string) => async (now: Date) => {
    const who = currentTenantOrNull()?.slug ?? 'central'
    if (broken === who) throw new Error('broken')
    turns.push(`${name} ${who} ${now.toISOString()}`)
  }
  schedule({ name: 'table.tenants', every: '10 minutes', scope: 'tenant', run: turn('tenants') })
  schedule({ name: 'table.central', every: '1 hour', scope: 'central', run: turn('central') })

  beforeEach(async () => {
    await world.clean()
    world.directory.put(world.acme)
    world.directory.put(world.globex)
    Object.assign(turns, { length: 0 })
    broken = ''
    setClock('2026-11-10T12:00:00Z')
  })

  it('fans a turn out to one job for each tenant that serves', async () => {
    world.directory.put({ ...world.globex, status: 'suspended' })
    expect(await runSchedule('table.tenants')).to.equal(1)
    setClock('2026-11-10T12:05:00Z')
    await runDueJobs()
    expect(turns).to.deep.equal(['tenants acme 2026-11-10T12:05:00.000Z'])
  })

  it('does not pile up turns for a tenant whose last turn still waits', async () => {
    expect(await runSchedule('table.tenants')).to.equal(2)
    expect(await runSchedule('table.tenants')).to.equal(0)
    expect((await listJobs()).total).to.equal(2)
  })

  it('goes on with the other tenants when one fails', async () => {
    broken = 'acme'
    await runSchedule('table.tenants')
    setClock('2026-11-10T12:05:00Z')
    await runDueJobs()
    expect(turns).to.deep.equal(['tenants globex 2026-11-10T12:05:00.000Z'])
  })

  it('runs a central turn as central and marks its success', async () => {
    await runSchedule('table.central')
    expect(turns).to.deep.equal(['central central 2026-11-10T12:00:00.000Z'])
    const mark = (await scheduleMarks()).find((m) => m.name === 'table.central')
    expect(mark?.lastSuccessAt?.toISOString()).to.equal('2026-11-10T12:00:00.000Z')
  })

  it('keeps the last success and the error of a turn that failed', async () => {
    await runSchedule('table.central')
    broken = 'central'
    setClock('2026-11-10T13:00:00Z')
    await runSchedule('table.central').catch(() => undefined)
    const mark = (await scheduleMarks()).find((m) => m.name === 'table.central')
    expect(mark).to.include({ lastError: 'broken' })
    expect([mark?.lastSuccessAt?.toISOString(), mark?.lastErrorAt?.toISOString()]).to.deep.equal(['2026-11-10T12:00:00.000Z', '2026-11-10T13:00:00.000Z'])
  })

  it('runs every schedule of one tenant at once when its clock is moved, and names what failed', async () => {
    await runSchedules(world.acme, new Date('2026-12-01T00:00:00Z')).catch(() => undefined)
    expect(turns).to.deep.equal(['tenants acme 2026-12-01T00:00:00.000Z'])
    broken = 'acme'
    const error = await runSchedules(world.acme, new Date()).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(AggregateError)
    expect((error as Error).message).to.contain('table.tenants: broken')
    broken = ''
  })

  it('notices a schedule without success for three turns', async () => {
    setClock(new Date())
    await runSchedule('table.central')
    await runSchedule('table.tenants')
    expect((await lateSchedules()).filter((name) => name.startsWith('table.'))).to.deep.equal([])
    setClock(new Date(Date.now() + 40 * 60_000))
    expect((await lateSchedules()).filter((name) => name.startsWith('table.'))).to.deep.equal(['table.tenants'])
  })
})

describe('a schedule', () => {
  const at = (iso: string) => new Date(iso)
  const mark = { name: 'x', lastStartedAt: null, lastSuccessAt: at('2026-11-10T12:00:00Z'), lastErrorAt: null, lastError: null }
  it('is late after three turns and five minutes, at the millisecond', () => {
    expect(isLate(mark, 60_000, at('2026-01-01T00:00:00Z'), at('2026-11-10T12:08:00.000Z'))).to.equal(false)
    expect(isLate(mark, 60_000, at('2026-01-01T00:00:00Z'), at('2026-11-10T12:08:00.001Z'))).to.equal(true)
  })
  it('that never ran counts from when this process first knew it', () => {
    expect(isLate(undefined, 60_000, at('2026-11-10T12:00:00Z'), at('2026-11-10T12:07:00Z'))).to.equal(false)
  })
  it('takes intervals in words and refuses others', () => {
    expect([intervalMs('30 seconds'), intervalMs('1 minute'), intervalMs('6 hours'), intervalMs('1 day')]).to.deep.equal([30_000, 60_000, 21_600_000, 86_400_000])
    expect(() => intervalMs('every now and then')).to.throw('is not an interval')
  })
})
