import { expect } from 'chai'
import { FormErrors, Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { dispatchPending } from '../../../shared/events/dispatch.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { connect, countingLookUps, useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import '../../reactions.js'
import { extendWorkspace } from '../extend-workspace.js'
import { forgetSightings } from '../provider/sightings.js'
import { startWorkspace } from '../start-workspace.js'
import { stopWorkspace } from '../stop-workspace.js'
import { setAutoStop } from './idle-stop.js'
import { runSchedules } from './run-schedules.js'
import { deleteSchedule, saveSchedule } from './save-schedule.js'
import { Schedule } from './schedule.js'
import { Turn } from './turn.js'
import { watchStops } from './watch-stops.js'

const everyDay = [1, 2, 3, 4, 5, 6, 7]

describe('Schedules and automatic stops', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const workspace = async (bought: Bought) => (await world.fresh(bought)).workspace
  /** The minute's work at this time of 10 November 2026 (UTC), or of another day. */
  const at = async (time: string, day = '2026-11-10') => {
    setClock(new Date(`${day}T${time}Z`))
    forgetSightings()
    await inAcme(() => watchStops(clock.now()))
    await inAcme(() => runSchedules(clock.now()))
    for (let n = 0; n < 4; n++) await world.later(3)
  }
  const save = (bought: Bought, start: string | null, stop: string | null, more: { days?: number[]; timeZone?: string } = {}) =>
    inAcme(async () => saveSchedule(await workspace(bought), { days: everyDay, start, stop, timeZone: 'UTC', ...more }))
  const stopped = async (): Promise<Bought> => {
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await world.later(3)
    return world.fresh(bought)
  }
  const turns = async () => (await inAcme(() => Turn.query().orderBy(['at', 'kind']))).map((t) => [t.kind, t.at.toISOString().slice(5, 16), t.status])
  const count = async (type: string) => (await world.events()).filter((e) => e === type).length
  const letters = async () => {
    await inAcme(() => dispatchPending())
    return inAcme(async () => tenantDb()('mail_messages').whereNot({ letter: 'workspace-ready' }).orderBy('id').pluck('letter') as Promise<string[]>)
  }

  describe('by the clock', () => {
    it('starts at its time and stops at its time, each once however often the work runs', async () => {
      const bought = await stopped()
      await save(bought, '10:00', '18:00')
      await at('09:59:59')
      expect((await workspace(bought)).status).to.equal('stopped')
      await at('10:00:00')
      await at('10:00:30')
      expect(await workspace(bought)).to.include({ status: 'running', startedBy: 'schedule' })
      await at('17:59:59')
      expect((await workspace(bought)).status).to.equal('running')
      await at('18:00:00')
      await at('18:00:00')
      expect((await workspace(bought)).status).to.equal('stopped')
      expect((await world.sessions()).map((s) => [s.startedBy, s.endReason])).to.deep.equal([['order', 'customer'], ['schedule', 'schedule']])
      expect((await world.sessions())[1]!.stoppedAt).to.deep.equal(new Date('2026-11-10T18:00:00Z'))
      expect(await turns()).to.deep.equal([['start', '11-10T10:00', 'done'], ['stop', '11-10T18:00', 'done']])
      const [schedule] = await inAcme(() => Schedule.of(bought.workspace))
      expect([schedule!.nextStartAt, schedule!.nextStopAt]).to.deep.equal([new Date('2026-11-11T10:00:00Z'), new Date('2026-11-11T18:00:00Z')])
    })

    it('four workers at once start it once', async () => {
      const bought = await stopped()
      await save(bought, '10:00', '18:00')
      setClock('2026-11-10T10:00:00Z')
      await Promise.all([1, 2, 3, 4].map(() => inAcme(() => runSchedules(clock.now()))))
      expect([await count('workspace.start-requested'), (await turns()).length]).to.deep.equal([1, 1])
    })

    it('a missed start is done while its window is open, and not at its end; a missed stop always', async () => {
      const late = await stopped()
      await save(late, '10:00', '18:00')
      await at('17:30:00')
      expect((await workspace(late)).status).to.equal('running')
      await at('23:45:00')
      expect((await workspace(late)).status).to.equal('stopped')
      const missed = await stopped()
      await save(missed, '10:00', '18:00')
      await at('18:00:00', '2026-11-11')
      expect((await workspace(missed)).status).to.equal('stopped')
      expect(await turns()).to.deep.include.members([['start', '11-11T10:00', 'missed'], ['stop', '11-10T18:00', 'done']])
    })

    it('does not stop what the customer started after the time, nor restart what should run now', async () => {
      const bought = await stopped()
      await save(bought, '08:00', '18:00')
      setClock('2026-11-10T18:30:00Z')
      await inAcme(() => startWorkspace(bought.workspace, bought.service))
      for (let n = 0; n < 4; n++) await world.later(3)
      await at('18:31:00')
      expect([(await workspace(bought)).status, await turns()]).to.deep.equal(['running', [['stop', '11-10T18:00', 'skipped']]])
      await at('09:00:00', '2026-11-12')
      expect((await workspace(bought)).status).to.equal('running')
      expect((await world.sessions()).filter((s) => s.endReason === 'schedule')).to.deep.equal([])
    })

    it('waits for a stop that hangs, then starts within its window', async () => {
      const bought = await world.running()
      world.kasm.fault({ mode: 'down', calls: ['stop_kasm'] })
      await inAcme(() => stopWorkspace(bought.workspace))
      await save(bought, '10:00', '18:00')
      await at('10:00:00')
      expect(await turns()).to.deep.equal([['start', '11-10T10:00', 'waiting']])
      world.kasm.fault()
      await world.later(600)
      await at('10:30:00')
      expect([(await workspace(bought)).status, await turns()]).to.deep.equal(['running', [['start', '11-10T10:00', 'done']]])
    })

    it('a start that is refused for money is said once, and again only after it had worked', async () => {
      const bought = await stopped()
      await save(bought, '10:00', '18:00')
      const setMethods = (status: string): Promise<number> => inAcme(async () => tenantDb()('payment_methods').update({ status }))
      await setMethods('removed')
      await at('10:00:00')
      await at('10:00:00', '2026-11-11')
      expect(await letters()).to.deep.equal(['workspace-not-started'])
      await setMethods('active')
      await at('10:00:00', '2026-11-12')
      expect((await workspace(bought)).status).to.equal('running')
      await at('18:00:00', '2026-11-12')
      await inAcme(async () => tenantDb()('payment_methods').delete())
      await at('10:00:00', '2026-11-13')
      expect((await letters()).filter((l) => l === 'workspace-not-started')).to.have.length(2)
      expect((await turns()).filter(([kind]) => kind === 'start').map(([, , status]) => status)).to.deep.equal(['refused', 'refused', 'done', 'refused'])
    })

    it('in New York, over the night in which the clocks go back: eleven hours, one start, one stop', async () => {
      setClock('2026-10-30T12:00:00Z')
      const bought = await stopped()
      await save(bought, '22:00', '08:00', { days: [6], timeZone: 'America/New_York' })
      await at('02:00:00', '2026-11-01')
      expect((await workspace(bought)).status).to.equal('running')
      await at('12:59:59', '2026-11-01')
      expect((await workspace(bought)).status).to.equal('running')
      await at('13:00:00', '2026-11-01')
      expect((await workspace(bought)).status).to.equal('stopped')
      expect(await turns()).to.have.length(2)
    })

    it('does nothing more once it is deleted, and a change drops what it was about to do', async () => {
      const bought = await stopped()
      const schedule = await save(bought, '10:00', null)
      await inAcme(async () => saveSchedule(await workspace(bought), { days: everyDay, start: '11:00', stop: null, timeZone: 'UTC' }, schedule.publicId))
      await at('10:00:00')
      expect((await workspace(bought)).status).to.equal('stopped')
      await inAcme(() => deleteSchedule(bought.workspace, schedule.publicId))
      await at('11:00:00')
      expect([(await workspace(bought)).status, await turns()]).to.deep.equal(['stopped', []])
    })

    it('says what is wrong with one, by field, and refuses the fifteenth', async () => {
      const bought = await stopped()
      const wrong = async (wish: object) => Object.keys(((await inAcme(() => saveSchedule(bought.workspace, { days: [1], start: '08:00', stop: '18:00', timeZone: 'UTC', ...wish })).catch((e: unknown) => e)) as FormErrors).fields ?? {})
      expect(await Promise.all([{ days: [] }, { days: [8] }, { start: '24:00' }, { start: null, stop: null }, { start: '18:00' }, { timeZone: 'Mars/Base' }].map(wrong)))
        .to.deep.equal([['days'], ['days'], ['start'], ['start'], ['stop'], ['timeZone']])
      for (let n = 10; n < 24; n++) await save(bought, `${n}:00`, null)
      expect((await save(bought, '01:00', null).catch((e: unknown) => e) as Refusal).code).to.equal('workspace.many-schedules')
    })
  })

  describe('said before', () => {
    it('a quarter of an hour before the stop, once, and not a second earlier', async () => {
      const bought = await world.running()
      await save(bought, null, '18:00')
      await at('17:44:59')
      expect((await workspace(bought)).stopAt).to.equal(null)
      await at('17:45:00')
      await at('17:46:00')
      expect(await workspace(bought)).to.deep.include({ stopAt: new Date('2026-11-10T18:00:00Z'), stopWhy: 'schedule', autoStopAnnouncedAt: new Date('2026-11-10T17:45:00Z') })
      expect(await letters()).to.deep.equal(['workspace-auto-stop'])
      await at('18:00:00')
      expect(await workspace(bought)).to.deep.include({ status: 'stopped', stopAt: null })
    })

    it('extending puts it off, asks the server to keep the desktop, and is said again before the new time', async () => {
      const bought = await world.running()
      await save(bought, null, '18:00')
      await at('17:50:00')
      const { until, usageReached } = await inAcme(async () => extendWorkspace(await workspace(bought), 60))
      expect([until, usageReached, world.kasm.seen('keepalive').length]).to.deep.equal([new Date('2026-11-10T19:00:00Z'), false, 1])
      await at('18:00:00')
      await at('18:44:59')
      expect(await workspace(bought)).to.deep.include({ status: 'running', stopAt: null })
      await at('18:45:00')
      expect((await workspace(bought)).stopAt).to.deep.equal(until)
      await at('18:59:59')
      expect((await workspace(bought)).status).to.equal('running')
      await at('19:00:00')
      expect((await workspace(bought)).status).to.equal('stopped')
      expect(await letters()).to.deep.equal(['workspace-auto-stop', 'workspace-auto-stop'])
    })

    it('two clicks on "extend" put it off once; the server’s "used up" is passed on; too little and too much is refused', async () => {
      const bought = await world.running()
      const [a, b] = [await workspace(bought), await workspace(bought)]
      const both = await Promise.allSettled([inAcme(() => extendWorkspace(a, 60)), inAcme(() => extendWorkspace(b, 60))])
      expect(both.map((r) => r.status).sort()).to.deep.equal(['fulfilled', 'rejected'])
      world.kasm.settings.usageReached = true
      expect((await inAcme(async () => extendWorkspace(await workspace(bought), 15))).usageReached).to.equal(true)
      const codes = await Promise.all([14, 241, 30.5].map((n) => inAcme(() => extendWorkspace(a, n)).catch((e: unknown) => e instanceof FormErrors)))
      expect(codes).to.deep.equal([true, true, true])
      await inAcme(async () => extendWorkspace(await workspace(bought), 240))
      expect(((await inAcme(async () => extendWorkspace(await workspace(bought), 240)).catch((e: unknown) => e)) as Refusal).code).to.equal('workspace.far-enough')
    })

    it('is put off all the same when the server does not answer', async () => {
      const bought = await world.running()
      world.kasm.fault({ mode: 'down', calls: ['keepalive'] })
      await inAcme(async () => extendWorkspace(await workspace(bought), 30))
      expect((await workspace(bought)).extendedUntil).to.deep.equal(new Date(clock.now().getTime() + 1_800_000))
    })

    it('is called off when the schedule goes away', async () => {
      const bought = await world.running()
      const schedule = await save(bought, null, '18:00')
      await at('17:50:00')
      await inAcme(() => deleteSchedule(bought.workspace, schedule.publicId))
      await at('17:51:00')
      await at('18:00:00')
      expect(await workspace(bought)).to.deep.include({ status: 'running', stopAt: null })
      expect(await count('workspace.auto-stop-called-off')).to.equal(1)
    })
  })

  describe('when nobody uses it', () => {
    const active = (time: string) => {
      world.kasm.settings.idle = true
      for (const session of world.kasm.state.sessions) session.active_at = Date.parse(`2026-11-10T${time}Z`)
    }
    const idle = async () => {
      const bought = await world.running()
      await inAcme(async () => setAutoStop(await workspace(bought), { idleMinutes: 60 }))
      return bought
    }

    it('says so a quarter of an hour before and stops at the hour, charged until then', async () => {
      const bought = await idle()
      active('10:00:00')
      await at('10:44:59')
      expect((await workspace(bought)).stopAt).to.equal(null)
      await at('10:45:00')
      expect(await workspace(bought)).to.deep.include({ stopAt: new Date('2026-11-10T11:00:00Z'), stopWhy: 'idle' })
      await at('10:59:59')
      expect((await workspace(bought)).status).to.equal('running')
      await at('11:00:00')
      expect((await workspace(bought)).status).to.equal('stopped')
      expect((await world.sessions())[0]).to.deep.include({ endReason: 'idle', stoppedAt: new Date('2026-11-10T11:00:00Z') })
    })

    it('is called off when somebody comes back, even in the last second', async () => {
      const bought = await idle()
      active('10:00:00')
      await at('10:45:00')
      active('10:59:59')
      await at('11:00:00')
      expect(await workspace(bought)).to.deep.include({ status: 'running', stopAt: null })
      expect(await count('workspace.auto-stop-called-off')).to.equal(1)
    })

    it('after an outage of ours still leaves the quarter of an hour', async () => {
      const bought = await idle()
      active('10:00:00')
      await at('13:00:00')
      expect((await workspace(bought)).stopAt).to.deep.equal(new Date('2026-11-10T13:15:00Z'))
      await at('13:14:59')
      expect((await workspace(bought)).status).to.equal('running')
      await at('13:15:00')
      expect((await workspace(bought)).status).to.equal('stopped')
    })

    it('nothing is decided about it while the server does not answer', async () => {
      const bought = await idle()
      active('10:00:00')
      await at('10:45:00')
      world.kasm.fault({ mode: 'down', calls: ['get_kasms'] })
      await at('11:00:00')
      expect(await workspace(bought)).to.deep.include({ status: 'running', stopAt: new Date('2026-11-10T11:00:00Z') })
      world.kasm.fault()
      await at('11:10:00')
      expect((await workspace(bought)).status).to.equal('stopped')
    })

    it('of many at one server, the connection is looked up and its list asked for once a minute', async () => {
      await idle()
      await idle()
      active('10:00:00')
      setClock('2026-11-10T10:45:00Z')
      forgetSightings()
      const [lookUps, lists] = [countingLookUps(world), world.kasm.seen('get_kasms').length]
      await inAcme(() => watchStops(clock.now()))
      expect([lookUps(), world.kasm.seen('get_kasms').length - lists, await count('workspace.auto-stop-announced')]).to.deep.equal([1, 1, 2])
    })

    it('is measured on the shop’s own clock: a sandbox a day ahead does not stop what is in use', async () => {
      const bought = await idle()
      const ahead = { ...world.acme, sandbox: true, clockOffsetMs: 86_400_000 }
      await world.as(ahead, () => watchStops(clock.now()))
      expect((await workspace(bought)).stopAt).to.equal(null)
    })

    it('cannot be set where the server does not tell when it was used', async () => {
      const bought = await world.running()
      connect(world, { api: 'gateway' })
      const error = await inAcme(() => setAutoStop(bought.workspace, { idleMinutes: 60 })).catch((e: unknown) => e) as Refusal
      expect([error.code, error.message]).to.deep.equal(['workspace.idle-unknown', 'The workspace server does not tell when a desktop was last used, so it cannot be stopped when idle. Set hours at which it stops instead.'])
      await inAcme(() => setAutoStop(bought.workspace, { idleMinutes: null }))
    })
  })
})
