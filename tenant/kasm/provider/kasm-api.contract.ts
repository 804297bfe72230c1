/**
 * What every KasmApi must do, healthy and with each fault. What the forms do not share is declared by the one under test, never asked in a case.
 * Longer than usual: one list of cases for all doors.
 */
import { expect } from 'chai'
import { OutsideError } from '../../../shared/errors.js'
import type { FaultMode } from '../../../shared/simulators/kasm/faults.js'
import type { WorkspaceServer } from '../../../shared/simulators/kasm/server.js'
import type { KasmAbilities, KasmApi, SessionRef } from './kasm-api.js'

export interface DoorUnderTest {
  simulator(): WorkspaceServer
  /** An implementation connected to the simulator; `hasty` waits 300 ms. */
  door(patience?: 'hasty'): KasmApi
  abilities: KasmAbilities
  /** What the server calls these; `power` by path. */
  calls: { request: string; list: string; status: string; destroy: string; power: { stop: string; pause: string; resume: string } }
  wish: { imageId: string; workspaceType: string }
  unknownWish: { imageId: string; workspaceType: string }
  /** Token in a link to a desktop. */
  tokenIn(link: string): string
}

export async function errorOf(act: Promise<unknown>): Promise<OutsideError> {
  try {
    await act
  } catch (error) {
    expect(error).to.be.instanceOf(OutsideError)
    return error as OutsideError
  }
  throw new Error('it should have failed')
}

/** What the door must say about each fault: may it be repeated, is it unknown whether it happened. */
const verdicts: Array<[FaultMode, { retryable: boolean; unknown: boolean; code?: string }]> = [
  ['down', { retryable: true, unknown: true }],
  ['hang', { retryable: true, unknown: true, code: 'no-answer' }],
  ['slow', { retryable: true, unknown: true, code: 'no-answer' }],
  ['error-500', { retryable: true, unknown: true, code: 'http-500' }],
  ['500-then-created', { retryable: true, unknown: true, code: 'http-500' }],
  ['timeout-after-success', { retryable: true, unknown: true, code: 'no-answer' }],
  ['drop-after-success', { retryable: true, unknown: true, code: 'no-answer' }],
  ['no-resources', { retryable: true, unknown: false, code: 'no-resources' }],
  ['truncated-json', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['html', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['empty', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['wrong-types', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['huge', { retryable: false, unknown: true, code: 'too-large' }],
  ['unauthorized', { retryable: false, unknown: false, code: 'unauthorized' }],
]

/** Faults that never answer are met by a door that does not wait long. */
const silent: ReadonlySet<FaultMode> = new Set(['hang', 'slow', 'timeout-after-success'])
const patience = (mode: FaultMode): 'hasty' | undefined => (silent.has(mode) ? 'hasty' : undefined)
const NOON = Date.parse('2026-11-10T12:00:00.250Z')
const newUser = { username: 'acme-one', password: 'Secret-pass-1', firstName: 'A', lastName: 'B' }

export function kasmApiContract({ simulator, door, abilities, calls, wish, unknownWish, tokenIn }: DoorUnderTest): void {
  /** Cases about something that not every form has. */
  const where = (ability: keyof KasmAbilities) => (abilities[ability] ? it : ignored)
  const requested = async (username = newUser.username) => {
    const { userId } = await door().createUser({ ...newUser, username })
    const { kasmId } = await door().requestSession({ userId, username, ...wish })
    return { kasmId, userId }
  }
  const running = async (username?: string): Promise<SessionRef> => {
    const ref = await requested(username)
    await door().sessions()
    await door().sessions()
    return ref
  }
  const seen = async (ref: SessionRef) => (await door().sessions()).find((s) => s.kasmId === ref.kasmId)
  const opens = async (link: string): Promise<boolean> => {
    const [id] = simulator().state.sessions.map((s) => s.kasm_id)
    const answer = await fetch(`${simulator().url}/__desktop?kasm_id=${id}&token=${tokenIn(link)}`)
    return !('error' in ((await answer.json()) as object))
  }

  describe('healthy', () => {
    it('says beforehand what it can', () => expect(door().can).to.deep.equal(abilities))
    it('finds a user by the name it was made with', async () => {
      const made = await door().createUser(newUser)
      expect(made.userId).to.match(/^[0-9a-f]{32}$/)
      expect(await door().findUser('acme-one')).to.deep.equal(made)
    })
    where('users')('makes a user once', async () => {
      expect(await door().findUser('acme-one')).to.equal(null)
      await door().createUser(newUser)
      expect(await errorOf(door().createUser(newUser))).to.include({ code: 'user-exists', retryable: false, unknown: false })
    })
    it('names those whose name begins so, and nobody else', async () => {
      const own = await running()
      await running('globex-one')
      expect(await door().users('acme-')).to.deep.equal([{ userId: own.userId, username: 'acme-one' }])
    })
    it('shows a session as starting until it runs', async () => {
      const ref = await requested()
      expect(await seen(ref)).to.include({ ...ref, username: 'acme-one', status: 'starting' })
      expect(await seen(ref)).to.include({ status: 'running' })
    })
    it('tells when a session began, was last used and will end, in UTC', async () => {
      Object.assign(simulator().settings, { now: () => NOON, keepaliveMs: 3_600_000 })
      const ref = await running()
      Object.assign(simulator().settings, { now: () => NOON + 600_000, idle: true })
      const session = (await seen(ref))!
      expect([session.startedAt, session.lastActiveAt, session.expiresAt].map(Number)).to.deep.equal([NOON, NOON, NOON + 3_600_000])
    })
    it('opens a session by a fresh link each time, on the server itself, and the link before is used up', async () => {
      const ref = await running()
      const [first, second] = [await door().launchUrl(ref), await door().launchUrl(ref)]
      expect(new URL(second).origin).to.equal(simulator().url)
      expect([await opens(first), await opens(second)]).to.deep.equal([false, true])
      expect((await fetch(second)).status).to.equal(200)
    })
    it('never polls with the call that breaks an open connection', async () => {
      await running()
      expect(simulator().seen(calls.status)).to.have.length(0)
    })
    it('gives no link into a session that does not run', async () => {
      const ref = await requested()
      simulator().settings.runningAfterLooks = 100
      expect(await errorOf(door().launchUrl(ref))).to.include({ code: 'wrong-state' })
    })
    for (const [power, status] of [['stop', 'stopped'], ['pause', 'paused']] as const) {
      where(power)(`brings a ${status} session back with its profile`, async () => {
        const ref = await running()
        await door()[power](ref)
        expect(await seen(ref)).to.include({ status })
        await door().resume(ref)
        await seen(ref)
        expect(await seen(ref)).to.include({ status: 'running' })
        expect(simulator().state.sessions[0]?.persistent_profile_mode).to.equal('Enabled')
      })
      it(`says that a ${status} state is not offered where the server has no such call`, async () => {
        const ref = await running()
        simulator().settings.withoutPower = [power]
        expect(await errorOf(door()[power](ref))).to.include({ code: 'not-supported', retryable: false, unknown: false })
      })
    }
    it('ends a session and removes a user as often as asked', async () => {
      const ref = await running()
      await door().destroy(ref)
      expect(await seen(ref)).to.include({ status: 'deleting' })
      await door().sessions()
      await door().destroy(ref)
      await door().deleteUser(ref.userId)
      await door().deleteUser(ref.userId)
      expect(simulator().state).to.deep.include({ users: [], sessions: [] })
    })
    it('removes what is left of a user’s sessions with it, and nobody else’s', async () => {
      const [gone, stays] = [await running(), await running('globex-one')]
      await door().deleteUser(gone.userId)
      expect(simulator().alive.map((s) => s.kasm_id)).to.deep.equal([stays.kasmId])
    })
    it('goes on seeing a session that hangs in deleting', async () => {
      simulator().settings.deletingHangs = true
      const ref = await running()
      await door().destroy(ref)
      for (let n = 0; n < 5; n++) await door().sessions()
      expect(await seen(ref)).to.include({ status: 'deleting' })
      expect(await errorOf(door().destroy(ref))).to.include({ code: 'wrong-state', retryable: true })
    })
    where('keepalive')('moves the end of a session, unless its hours are used up', async () => {
      Object.assign(simulator().settings, { now: () => NOON, keepaliveMs: 3_600_000, idle: true })
      const ref = await running()
      simulator().settings.now = () => NOON + 3_000_000
      expect(await door().keepalive(ref)).to.deep.equal({ usageReached: false })
      expect((await seen(ref))?.expiresAt?.getTime()).to.equal(NOON + 6_600_000)
      simulator().settings.usageReached = true
      expect(await door().keepalive(ref)).to.deep.equal({ usageReached: true })
    })
    where('suspendUsers')('lets a suspended user start nothing until it is enabled again', async () => {
      const { userId } = await door().createUser(newUser)
      await door().setUserEnabled(userId, false)
      await door().setUserEnabled(userId, false)
      expect(await errorOf(door().requestSession({ userId, ...wish }))).to.include({ code: 'user-disabled', retryable: false, unknown: false })
      await door().setUserEnabled(userId, true)
      await door().requestSession({ userId, ...wish })
    })
    where('groups')('puts users into one group of a name, made when there is none', async () => {
      const [one, two] = [await door().createUser(newUser), await door().createUser({ ...newUser, username: 'acme-two' })]
      for (const user of [one, two, one]) await door().joinGroup(user.userId, 'acme')
      const [group, ...others] = simulator().state.groups.filter((g) => g.name === 'acme')
      expect(others).to.have.length(0)
      expect(simulator().state.users.map((u) => u.groups.includes(group!.group_id))).to.deep.equal([true, true])
    })
    it('knows what images there are', async () => {
      expect((await door().images()).find((i) => i.imageId === wish.imageId)).to.include({ cores: 2, memoryBytes: 4 * 1024 ** 3, available: true })
    })
    it('refuses an image that the server does not offer', async () => {
      const { userId, username } = await door().createUser(newUser)
      const error = await errorOf(door().requestSession({ userId, username, ...unknownWish }))
      expect(error).to.include({ code: 'image-not-authorized', retryable: false, unknown: false })
    })
    it('says that there is no room, so that it is tried again later', async () => {
      simulator().settings.capacity = 1
      await requested()
      expect(await errorOf(requested('acme-two'))).to.include({ code: 'no-resources', retryable: true, unknown: false })
    })
  })

  const acts: Partial<Record<keyof KasmAbilities, (api: KasmApi, ref: SessionRef) => Promise<unknown>>> = {
    groups: (api, ref) => api.joinGroup(ref.userId, 'acme'),
    suspendUsers: (api, ref) => api.setUserEnabled(ref.userId, false),
    keepalive: (api, ref) => api.keepalive(ref),
  }
  for (const [ability, act] of Object.entries(acts)) {
    if (abilities[ability as keyof KasmAbilities]) continue
    it(`says at once that it does not offer "${ability}", and asks nobody`, async () => {
      const ref = { kasmId: 'a'.repeat(32), userId: 'b'.repeat(32) }
      expect(await errorOf(act(door(), ref))).to.include({ code: 'not-supported', retryable: false, unknown: false })
      expect(simulator().calls).to.have.length(0)
    })
  }

  describe('with faults', () => {
    for (const [mode, verdict] of verdicts) {
      it(`tells the truth about a request that meets "${mode}"`, async () => {
        const { userId, username } = await door().createUser(newUser)
        simulator().fault({ mode, calls: [calls.request] })
        expect(await errorOf(door(patience(mode)).requestSession({ userId, username, ...wish }))).to.include({ door: 'kasm', ...verdict })
      })
      it(`tells the truth about a list that meets "${mode}"`, async () => {
        simulator().fault({ mode, calls: [calls.list] })
        expect(await errorOf(door(patience(mode)).sessions())).to.include({ door: 'kasm', ...verdict })
      })
    }
    it('reads a list row by row: an odd one of somebody else hides none of ours, and is called unknown', async () => {
      const ref = await running()
      const [own] = simulator().state.sessions
      simulator().state.sessions.push({ ...own!, kasm_id: 'd'.repeat(32), user_id: 'c'.repeat(32), status: null as never }, { ...own!, kasm_id: 7 as never })
      expect((await door().sessions()).map((s) => [s.kasmId, s.status])).to.deep.equal([[ref.kasmId, 'running'], ['d'.repeat(32), 'unknown']])
    })
    it('says "unreachable" when nobody listens, so that repeating is safe', async () => {
      await simulator().down()
      expect(await errorOf(door().sessions())).to.include({ code: 'unreachable', unknown: false, retryable: true })
      await simulator().up()
    })
    it('keeps markup and long texts of the outside out of the way, and never says the key', async () => {
      simulator().fault({ mode: 'markup-error' })
      const error = await errorOf(door().sessions())
      expect(error.message.length).to.be.lessThan(260)
      expect(JSON.stringify({ ...error, message: error.message })).to.not.contain(simulator().settings.apiKeySecret)
    })
    it('follows no link to another place', async () => {
      const ref = await running()
      simulator().fault({ mode: 'hostile-link', calls: [calls.status] })
      const error = await errorOf(door().launchUrl(ref))
      expect(error).to.include({ code: 'bad-answer' })
      expect(error.message).to.not.contain('evil')
    })
  })

  describe('when the connection is tested', () => {
    it('finds everything in order, counts, and changes nothing', async () => {
      await running()
      const before = structuredClone(lasting(simulator()))
      const report = await door().probe()
      expect(report).to.deep.include({ reachable: true, problem: null, sessions: 1 })
      expect(report.permissions.filter((p) => p.ok !== true)).to.deep.equal([])
      expect(report.power).to.deep.equal(calls.power)
      expect(report.images).to.be.greaterThan(5)
      expect(report.latencyMs).to.be.a('number')
      expect(lasting(simulator())).to.deep.equal(before)
    })
    it('names each call that the key may not use', async () => {
      simulator().settings.denied = [calls.destroy]
      const report = await door().probe()
      expect(report.problem?.code).to.equal('missing-permissions')
      expect(report.permissions.filter((p) => p.ok === false).map((p) => p.call)).to.deep.equal([calls.destroy])
    })
    it('finds out which of stop, pause and resume are not there', async () => {
      simulator().settings.withoutPower = ['pause']
      expect((await door().probe()).power).to.deep.equal({ ...calls.power, pause: null })
    })
    it('says that the keys are wrong', async () => {
      simulator().settings.apiKeySecret = 'changed'
      const { reachable, problem, power } = await door().probe()
      expect([reachable, problem?.code, power]).to.deep.equal([true, 'unauthorized', { stop: null, pause: null, resume: null }])
    })
    it('reports a server that is away after one try, and another that is none', async () => {
      await simulator().down()
      expect(await door().probe()).to.deep.include({ reachable: false, sessions: null, images: null })
      await simulator().up()
      simulator().fault({ mode: 'html' })
      expect((await door().probe()).problem?.code).to.equal('not-supported')
    })
    it('does not call a permission missing when it could not be told', async () => {
      simulator().fault({ mode: 'error-500', calls: [calls.destroy] })
      const { problem, permissions } = await door().probe()
      expect(problem).to.equal(null)
      expect(permissions.find((p) => p.call === calls.destroy)?.ok).to.equal(null)
    })
  })
}

/** All that a server remembers, without what looking itself changes. */
const lasting = ({ state }: WorkspaceServer): unknown => ({ ...state, sessions: state.sessions.map((s) => ({ ...s, looks: 0, active_at: 0 })) })

/** Takes the place of `it` for a case about something that this form does not have; that it says so is another case. */
const ignored = (_title: string, _body: () => Promise<void>): void => undefined
