import { expect } from 'chai'
import { startKasmSimulator, type KasmSimulator } from '../../../shared/simulators/kasm.js'
import { DeveloperApi } from './developer-api.js'
import { kasmApiContract } from './kasm-api.contract.js'

describe('The developer API door against the simulated Kasm', () => {
  let simulator: KasmSimulator
  const door = (settings: Record<string, unknown> = {}, secret = simulator.settings.apiKeySecret) =>
    new DeveloperApi({ baseUrl: simulator.url, secrets: { apiKey: simulator.settings.apiKey, apiKeySecret: secret }, settings: { timeoutMs: 10_000, ...settings } })
  before(async () => { simulator = await startKasmSimulator() })
  after(() => simulator.down())
  beforeEach(() => {
    simulator.reset()
    simulator.settings.powerCalls = 'api'
  })

  kasmApiContract(() => simulator, (patience) => door(patience ? { timeoutMs: 300 } : {}))

  it('sends key and secret in the body and is told when they are wrong', async () => {
    const error = await door({}, 'wrong').sessions().catch((e: unknown) => e)
    expect(error).to.include({ code: 'unauthorized', retryable: false })
  })
  it('finds stop and resume at another path when the connection says so', async () => {
    simulator.settings.powerCalls = 'public'
    const api = door({ stopPath: '/api/public/stop_kasm', resumePath: '/api/public/resume_kasm' })
    const { userId } = await api.createUser({ username: 'u', password: 'p', firstName: 'A', lastName: 'B' })
    const ref = await api.requestSession({ userId, imageId: simulator.state.images[0]!.image_id })
    await api.sessions()
    await api.sessions()
    await api.stop(ref)
    expect(simulator.state.sessions[0]?.status).to.equal('stopped')
  })
  it('keeps users and sessions over a restart of the simulator when it has a file', async () => {
    const file = `/tmp/kasm-sim-${process.pid}.json`
    const first = await startKasmSimulator({ file })
    first.state.users.push({ user_id: 'a'.repeat(32), username: 'kept', password: 'x', first_name: '', last_name: '', locked: false, disabled: false, groups: [], created: '' })
    await new DeveloperApi({ baseUrl: first.url, secrets: { apiKey: first.settings.apiKey, apiKeySecret: first.settings.apiKeySecret }, settings: {} }).sessions()
    await first.down()
    const second = await startKasmSimulator({ file })
    expect(second.state.users.map((u) => u.username)).to.deep.equal(['kept'])
    await second.down()
  })
})
