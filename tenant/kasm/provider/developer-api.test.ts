import { expect } from 'chai'
import { OutsideError } from '../../../shared/errors.js'
import { KasmSimulator, startKasmSimulator } from '../../../shared/simulators/kasm/kasm-simulator.js'
import { imageId } from '../../../shared/simulators/kasm/state.js'
import { errorOf, kasmApiContract } from './kasm-api.contract.js'
import { openKasm } from './open-kasm.js'

const image = imageId('vscode', 'basic')
const newUser = { username: 'u', password: 'p', firstName: 'A', lastName: 'B' }

describe('The developer API door against the simulated Kasm', () => {
  const simulator = new KasmSimulator()
  const door = (settings: Record<string, unknown> = {}) => openKasm(serverAt(simulator, settings))
  before(() => simulator.up())
  after(() => simulator.down())
  beforeEach(() => simulator.reset())

  kasmApiContract({
    simulator: () => simulator,
    door: (patience) => door(patience ? { timeoutMs: 300 } : {}),
    abilities: { users: true, groups: true, suspendUsers: true, stop: true, pause: true, resume: true, keepalive: true, activity: true },
    calls: {
      request: 'request_kasm', list: 'get_kasms', status: 'get_kasm_status', destroy: 'destroy_kasm',
      power: { stop: '/api/stop_kasm', pause: '/api/pause_kasm', resume: '/api/resume_kasm' },
    },
    wish: { imageId: image, workspaceType: 'developer_basic' },
    unknownWish: { imageId: '0'.repeat(32), workspaceType: 'developer_basic' },
    tokenIn: (link) => new URL(link).hash.split('/')[5]!,
  })

  it('finds and uses power calls at the other path', async () => {
    simulator.settings.powerCalls = 'public'
    const { power } = await door().probe()
    expect(power).to.deep.equal({ stop: '/api/public/stop_kasm', pause: '/api/public/pause_kasm', resume: '/api/public/resume_kasm' })
    const api = door({ stopPath: power.stop, pausePath: power.pause, resumePath: power.resume })
    const { userId } = await api.createUser(newUser)
    const ref = await api.requestSession({ userId, imageId: image })
    await api.sessions()
    await api.sessions()
    await api.stop(ref)
    expect(simulator.state.sessions[0]?.status).to.equal('stopped')
  })
  it('offers nothing, and asks nobody, where the settings say that there is no such call', async () => {
    const api = door({ stopPath: null, pausePath: null, resumePath: null })
    expect(api.can).to.include({ stop: false, pause: false, resume: false })
    expect(await errorOf(api.pause({ kasmId: 'a'.repeat(32), userId: 'b'.repeat(32) }))).to.include({ code: 'not-supported' })
    expect(simulator.calls).to.have.length(0)
  })
  it('reads ids with hyphens and statuses with capitals as the same', async () => {
    Object.assign(simulator.settings, { hyphens: true, capitals: true })
    const { userId } = await door().createUser(newUser)
    const { kasmId } = await door().requestSession({ userId, imageId: image })
    await door().sessions()
    expect((await door().sessions())[0]).to.include({ kasmId, userId, status: 'running' })
    expect(kasmId).to.match(/^[0-9a-f]{32}$/)
  })
  it('believes no session that was made for somebody else', async () => {
    const { userId } = await door().createUser(newUser)
    simulator.fault({ mode: 'wrong-user', calls: ['request_kasm'] })
    expect(await errorOf(door().requestSession({ userId, imageId: image }))).to.include({ code: 'bad-answer', unknown: true, retryable: false })
  })
  it('names the permissions as Kasm’s administration does, and what is lost without them', async () => {
    simulator.settings.denied = ['Users Modify', 'Groups Modify']
    const { problem, permissions } = await door().probe()
    const missing = permissions.filter((p) => p.ok === false)
    expect(missing.map((p) => p.call)).to.deep.equal(['delete_user', 'update_user', 'add_user_group'])
    expect(problem?.message).to.equal('Needed and not there: Users Delete + Users Modify.')
    expect(missing[1]!.why).to.contain('"Users Modify"').and.to.contain('not disabled')
    expect(await errorOf(door().joinGroup((await door().createUser(newUser)).userId, 'acme'))).to.include({ code: 'unauthorized', retryable: false })
  })
  it('waits for its turn before each call, and asks nobody when there is none', async () => {
    let turns = 0
    const api = openKasm(serverAt(simulator), { beforeCall: async () => {
      if (++turns > 1) throw new OutsideError('Too many calls.', { door: 'kasm', code: 'rate-limited', retryable: true })
    } })
    await api.sessions()
    expect(await errorOf(api.sessions())).to.include({ code: 'rate-limited' })
    expect(simulator.calls).to.have.length(1)
  })
  it('keeps users and sessions over a restart of the simulator when it has a file', async () => {
    const file = `/tmp/kasm-sim-${process.pid}.json`
    const first = await startKasmSimulator({ file })
    await openKasm(serverAt(first)).createUser({ ...newUser, username: 'kept' })
    await first.down()
    const second = await startKasmSimulator({ file })
    expect(second.state.users.map((u) => u.username)).to.deep.equal(['kept'])
    await second.down()
  })
})

const serverAt = (simulator: KasmSimulator, settings: Record<string, unknown> = {}) => ({
  baseUrl: simulator.url, secrets: { apiKey: simulator.settings.apiKey, apiKeySecret: 'simsecret0000000000000000000001' },
  settings: { timeoutMs: 10_000, ...settings },
})
