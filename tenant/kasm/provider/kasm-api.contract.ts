/** What every KasmApi must do, healthy and with each fault. `door()` gives an implementation connected to `simulator()`; `door('hasty')` one that waits 300 ms. */
import { expect } from 'chai'
import { OutsideError } from '../../../shared/errors.js'
import { imageId } from '../../../shared/simulators/kasm/state.js'
import type { FaultMode } from '../../../shared/simulators/kasm/faults.js'
import type { KasmSimulator } from '../../../shared/simulators/kasm.js'
import type { KasmApi } from './kasm-api.js'

async function errorOf(act: Promise<unknown>): Promise<OutsideError> {
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
  ['no-resources', { retryable: true, unknown: false, code: 'no-resources' }],
  ['truncated-json', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['html', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['wrong-types', { retryable: true, unknown: true, code: 'bad-answer' }],
  ['huge', { retryable: false, unknown: true, code: 'too-large' }],
  ['unauthorized', { retryable: false, unknown: false, code: 'unauthorized' }],
]

/** Faults that never answer are met by a door that does not wait long. */
const patience = (mode: FaultMode): 'hasty' | undefined => (mode === 'hang' || mode === 'slow' || mode === 'timeout-after-success' ? 'hasty' : undefined)

export function kasmApiContract(simulator: () => KasmSimulator, door: (patience?: 'hasty') => KasmApi): void {
  const image = imageId('vscode', 'basic')
  const newUser = { username: 'acme-one', password: 'Secret-pass-1', firstName: 'A', lastName: 'B' }
  async function running() {
    const { userId } = await door().createUser(newUser)
    const { kasmId } = await door().requestSession({ userId, imageId: image })
    await door().sessions()
    await door().sessions()
    return { kasmId, userId }
  }

  it('makes a user once and finds it by name', async () => {
    expect(await door().findUser('acme-one')).to.equal(null)
    const made = await door().createUser(newUser)
    expect(await door().findUser('acme-one')).to.deep.equal(made)
    expect(await errorOf(door().createUser(newUser))).to.include({ code: 'user-exists', retryable: false, unknown: false })
  })
  it('shows a session as starting until it runs', async () => {
    const { userId } = await door().createUser(newUser)
    const made = await door().requestSession({ userId, imageId: image })
    expect(made.status).to.equal('starting')
    expect((await door().sessions())[0]).to.include({ kasmId: made.kasmId, userId, status: 'starting' })
    expect((await door().sessions())[0]).to.include({ status: 'running' })
  })
  it('opens a session by a fresh link each time, on the server itself', async () => {
    const ref = await running()
    const [first, second] = [await door().launchUrl(ref), await door().launchUrl(ref)]
    expect(first).to.not.equal(second)
    expect(first.startsWith(`${simulator().url}/#/connect/kasm/${ref.kasmId}/${ref.userId}/`)).to.equal(true)
  })
  it('never polls with the call that breaks an open connection', async () => {
    await running()
    expect(simulator().seen('get_kasm_status')).to.have.length(0)
  })
  it('stops and resumes the same session, keeping its profile', async () => {
    const ref = await running()
    await door().stop(ref)
    expect((await door().sessions())[0]?.status).to.equal('stopped')
    await door().resume(ref)
    await door().sessions()
    expect((await door().sessions())[0]).to.include({ kasmId: ref.kasmId, status: 'running' })
    expect(simulator().state.sessions[0]?.persistent_profile_mode).to.equal('Enabled')
  })
  it('ends a session and removes a user as often as asked', async () => {
    const ref = await running()
    await door().destroy(ref)
    await door().sessions()
    await door().sessions()
    await door().destroy(ref)
    await door().deleteUser(ref.userId)
    await door().deleteUser(ref.userId)
    expect(simulator().state).to.deep.include({ users: [], sessions: [] })
  })
  it('says that stopping is not offered where the server has no such call', async () => {
    const ref = await running()
    simulator().settings.powerCalls = 'none'
    expect(await errorOf(door().stop(ref))).to.include({ code: 'not-supported', retryable: false })
  })
  it('knows what images there are', async () => {
    expect((await door().images()).find((i) => i.imageId === image)).to.include({ cores: 2, memoryBytes: 4 * 1024 ** 3, available: true })
  })
  it('refuses an image that the server does not offer', async () => {
    const { userId } = await door().createUser(newUser)
    expect(await errorOf(door().requestSession({ userId, imageId: '0'.repeat(32) }))).to.include({ code: 'image-not-authorized', retryable: false, unknown: false })
  })
  for (const [mode, verdict] of verdicts) {
    it(`tells the truth about a request that meets "${mode}"`, async () => {
      const { userId } = await door().createUser(newUser)
      simulator().fault({ mode, calls: ['request_kasm'] })
      expect(await errorOf(door(patience(mode)).requestSession({ userId, imageId: image }))).to.include({ door: 'kasm', ...verdict })
    })
    it(`tells the truth about a list that meets "${mode}"`, async () => {
      simulator().fault({ mode, calls: ['get_kasms'] })
      expect(await errorOf(door(patience(mode)).sessions())).to.include({ door: 'kasm', ...verdict })
    })
  }
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
}
