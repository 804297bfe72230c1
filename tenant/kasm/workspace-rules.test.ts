import { expect } from 'chai'
import type { Refusal } from '../../shared/errors.js'
import { Service } from '../services/service.js'
import { judgeStart, judgeStop } from './schedules/turn-rules.js'
import { Workspace, type WorkspaceStatus } from './workspace.js'

const now = new Date('2026-11-10T09:00:00Z')
const workspace = (status: WorkspaceStatus, more: Partial<Workspace> = {}) =>
  Object.assign(new Workspace(), { status, nextWish: null, provisionedAt: now, kasmWorkspaceId: 'a', kasmUserId: 'b', keepUntil: null, extendedUntil: null, startRequestedAt: new Date('2026-11-10T07:00:00Z'), createdAt: now, ...more })
const service = (status: Service['status'] = 'active') => Object.assign(new Service(), { status, suspendedBy: status === 'suspended' ? 'dunning' : null })

const statuses: WorkspaceStatus[] = ['provisioning', 'starting', 'running', 'pausing', 'paused', 'stopping', 'stopped', 'failed', 'archived', 'terminating', 'terminated']
const verbs: Record<string, (w: Workspace, s?: Service) => Refusal | null> = {
  start: (w, s = service()) => w.refusalToStart(now, s), stop: (w) => w.refusalToStop(now), pause: (w) => w.refusalToPause(now, true), restart: (w, s = service()) => w.refusalToRestart(now, s),
  rename: (w) => w.refusalToRename(now), change: (w, s = service()) => w.refusalToChange(now, s), extend: (w) => w.refusalToExtend(now), plan: (w) => w.refusalToPlan(now), archive: (w) => w.refusalToArchive(now),
  restore: (w) => w.refusalToRestore(now), terminate: (w) => w.refusalToTerminate(now), launch: (w, s = service()) => w.refusalToLaunch(now, s), forceStop: (w) => w.refusalToForceStop(now),
}
/** Which states allow a verb; everything else must be refused. */
const allowed: Record<string, WorkspaceStatus[]> = {
  start: ['paused', 'stopped', 'failed'], stop: ['running', 'paused'], pause: ['running'], restart: ['running'],
  rename: ['provisioning', 'starting', 'running', 'pausing', 'paused', 'stopping', 'stopped', 'failed', 'archived'], change: ['running', 'stopped', 'failed'], extend: ['running'],
  plan: ['provisioning', 'starting', 'running', 'pausing', 'paused', 'stopping', 'stopped', 'failed'], archive: ['provisioning', 'starting', 'running', 'paused', 'stopping', 'stopped', 'failed'],
  restore: ['archived'], terminate: ['provisioning', 'starting', 'running', 'pausing', 'paused', 'stopping', 'stopped', 'failed', 'archived'], launch: ['running'],
  forceStop: ['provisioning', 'starting', 'running', 'pausing', 'paused'],
}

describe('What may be done to a workspace in which state', () => {
  for (const [verb, ask] of Object.entries(verbs)) {
    it(`${verb}: allowed where it makes sense, and refused with a sentence everywhere else`, () => {
      const answers = statuses.map((status) => [status, ask(workspace(status))] as const)
      expect(answers.filter(([, refusal]) => !refusal).map(([status]) => status)).to.deep.equal(allowed[verb])
      for (const [status, refusal] of answers) {
        if (!refusal) continue
        expect(refusal.code, status).to.match(/^workspace\.[a-z-]+$/)
        expect(refusal.message, status).to.match(/^[A-Z].{10,}[.]$/).and.not.match(/kasm|ezscale/i)
      }
    })
  }

  it('a suspended service refuses everything that would use it, and nothing that ends or saves it', () => {
    const refused = Object.entries(verbs).filter(([, ask]) => ask(workspace('running'), service('suspended'))?.code === 'service.suspended').map(([verb]) => verb)
    expect(refused).to.deep.equal(['start', 'restart', 'change', 'launch'])
    expect(workspace('archived').refusalToRestore(now)).to.equal(null)
  })

  it('a server that cannot pause says so', () => {
    expect(workspace('running').refusalToPause(now, false)).to.include({ code: 'workspace.cannot-pause' })
  })

  it('what never ran has no files to keep: it is removed at once or not at all', () => {
    expect(workspace('failed', { provisionedAt: null }).refusalToArchive(now)).to.include({ code: 'workspace.not-set-up' })
  })

  it('can be brought back until the very end of the time, and not at it', () => {
    expect(workspace('archived', { keepUntil: new Date(now.getTime() + 1) }).refusalToRestore(now)).to.equal(null)
    expect(workspace('archived', { keepUntil: now }).refusalToRestore(now)).to.include({ code: 'workspace.expired' })
  })

  it('a restart that waits for the stop may become a stop; a removal that waits allows nothing else', () => {
    const restarting = workspace('stopping', { nextWish: 'start' })
    expect([restarting.refusalToStop(now), restarting.refusalToForceStop(now), restarting.refusalToRestart(now, service())?.code]).to.deep.equal([null, null, 'workspace.already-started'])
    const removing = workspace('stopping', { nextWish: 'archive' })
    const open = Object.entries(verbs).filter(([, ask]) => !ask(removing)).map(([verb]) => verb)
    expect(open).to.deep.equal(['rename', 'terminate'])
  })

  describe('and what a schedule does then', () => {
    const start = { until: new Date('2026-11-10T18:00:00Z') }
    const stop = { at: new Date('2026-11-10T08:00:00Z') }

    it('starts what is down, waits for what is going down, leaves alone what runs or was removed', () => {
      expect(Object.fromEntries(statuses.map((s) => [s, judgeStart(start, workspace(s), now)]))).to.deep.equal({
        provisioning: 'skipped', starting: 'skipped', running: 'skipped', pausing: 'wait', paused: 'act', stopping: 'wait', stopped: 'act', failed: 'act', archived: 'skipped', terminating: 'skipped', terminated: 'skipped',
      })
    })
    it('starts until the last millisecond of its window', () => {
      expect(judgeStart({ until: new Date(now.getTime() + 1) }, workspace('stopped'), now)).to.equal('act')
      expect(judgeStart({ until: now }, workspace('stopped'), now)).to.equal('missed')
    })
    it('stops what runs, waits for what still starts, leaves alone what is down', () => {
      expect(Object.fromEntries(statuses.map((s) => [s, judgeStop(stop, workspace(s), now)]))).to.deep.equal({
        provisioning: 'wait', starting: 'wait', running: 'act', pausing: 'wait', paused: 'skipped', stopping: 'skipped', stopped: 'skipped', failed: 'skipped', archived: 'skipped', terminating: 'skipped', terminated: 'skipped',
      })
    })
    it('does not stop what somebody started at its time or later, and waits to the end of an extension', () => {
      expect(judgeStop(stop, workspace('running', { startRequestedAt: stop.at }), now)).to.equal('skipped')
      expect(judgeStop(stop, workspace('running', { startRequestedAt: new Date(stop.at.getTime() - 1) }), now)).to.equal('act')
      expect(judgeStop(stop, workspace('running', { extendedUntil: new Date(now.getTime() + 1) }), now)).to.equal('wait')
      expect(judgeStop(stop, workspace('running', { extendedUntil: now }), now)).to.equal('act')
    })
    it('stops what was restarted across its time: the restart was wished before, only its start came after', () => {
      const across = { startedBy: 'restart', stopRequestedAt: new Date(stop.at.getTime() - 1), startRequestedAt: new Date(stop.at.getTime() + 10_000) } as const
      expect(judgeStop(stop, workspace('running', across), now)).to.equal('act')
      expect(judgeStop(stop, workspace('running', { ...across, stopRequestedAt: stop.at }), now)).to.equal('skipped')
    })
    it('turns a restart under way into a stop', () => {
      expect(judgeStop(stop, workspace('stopping', { nextWish: 'start' }), now)).to.equal('act')
    })
  })
})
