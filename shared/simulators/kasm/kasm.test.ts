import { expect } from 'chai'
import { chaosFault, dice } from './faults.js'
import { KasmSimulator } from './kasm-simulator.js'
import { imageId, type SimSession } from './state.js'

const image_id = imageId('vscode', 'basic')
const HOUR = 3_600_000

describe('The simulated Kasm', () => {
  let time = Date.parse('2026-11-10T12:00:00Z')
  const kasm = new KasmSimulator({ now: () => time })
  const keys = () => ({ api_key: kasm.settings.apiKey, api_key_secret: kasm.settings.apiKeySecret })
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(kasm.url + path, { method: 'POST', body: JSON.stringify(body) })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const call = async (name: string, body: Record<string, unknown> = {}) => (await post(`/api/public/${name}`, { ...keys(), ...body })).body
  before(() => kasm.up())
  after(() => kasm.down())
  beforeEach(() => kasm.reset())
  async function session(): Promise<SimSession> {
    const { user } = (await call('create_user', { target_user: { username: 'one', password: 'x' } })) as { user: { user_id: string } }
    await call('request_kasm', { user_id: user.user_id, image_id })
    return kasm.state.sessions[0]!
  }
  async function running(): Promise<SimSession> {
    const made = await session()
    await call('get_kasms')
    await call('get_kasms')
    return made
  }

  it('wants its keys in the body, and says a domain’s "no" with HTTP 200', async () => {
    expect(await post('/api/public/get_kasms', {})).to.deep.equal({ status: 403, body: { error_message: 'Unauthorized' } })
    const answer = await post('/api/public/get_user', { ...keys(), target_user: { username: 'nobody' } })
    expect(answer).to.deep.equal({ status: 200, body: { error_message: 'Unable to find user' } })
  })
  it('tells how far a start is, nothing of the session until it runs, and a new link each time', async () => {
    kasm.settings.runningAfterLooks = 3
    const { kasm_id, user_id } = await session()
    const looks = []
    for (let n = 0; n < 3; n++) looks.push(await call('get_kasm_status', { kasm_id, user_id }))
    const seen = looks.map((l) => [l.operational_status, l.operational_progress, 'kasm' in l])
    expect(seen).to.deep.equal([['starting', 30, false], ['starting', 60, false], ['running', 100, true]])
    expect(new Set(looks.map((l) => l.kasm_url)).size).to.equal(3)
  })
  it('ends a session only with both ids, with hyphens or without, and then slowly', async () => {
    const { kasm_id, user_id } = await running()
    expect(await call('destroy_kasm', { kasm_id })).to.have.property('error_message')
    const hyphened = kasm_id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    expect(await call('destroy_kasm', { kasm_id: hyphened, user_id })).to.deep.equal({})
    const statuses = []
    for (let n = 0; n < 2; n++) statuses.push(((await call('get_kasms')).kasms as Array<{ operational_status: string }>).map((k) => k.operational_status))
    expect(statuses).to.deep.equal([['deleting'], []])
  })
  for (const [action, left] of [['delete', []], ['pause', ['paused']], ['stop', ['stopped']]] as const) {
    it(`lets an idle session ${action} after its time when the user’s group says so, and one in use go on`, async () => {
      Object.assign(kasm.settings, { keepaliveMs: HOUR })
      kasm.state.groups[0]!.keepalive_expiration_action = action
      const { kasm_id } = await running()
      time += 2 * HOUR
      await call('get_kasms')
      expect(kasm.state.sessions.map((s) => s.status)).to.deep.equal(['running'])
      kasm.settings.idle = [kasm_id]
      time += HOUR - 1
      await call('get_kasms')
      expect(kasm.state.sessions.map((s) => s.status)).to.deep.equal(['running'])
      time += 1
      await call('get_kasms')
      expect(kasm.state.sessions.map((s) => s.status)).to.deep.equal(left)
    })
  }
  it('lets chaos strike one call in ten, and the same ones for the same seed', async () => {
    const rolled = (seed: number) => {
      const roll = dice(seed)
      return Array.from({ length: 5000 }, () => chaosFault({ percent: 10, seed }, roll)?.mode)
    }
    expect(rolled(7)).to.deep.equal(rolled(7)).and.to.not.deep.equal(rolled(8))
    const struck = rolled(7).filter((mode) => mode)
    expect(struck.length).to.be.within(450, 550)
    expect(new Set(struck)).to.deep.equal(new Set(['error-500', 'hang', 'wrong-types', 'drop-after-success']))
    kasm.settings.chaos = { percent: 100, seed: 7, modes: ['error-500'] }
    expect((await post('/api/public/get_zones', keys())).status).to.equal(500)
    expect(kasm.struck).to.deep.equal({ 'error-500': 1 })
  })
  it('is away between two instants of its own clock', async () => {
    kasm.settings.downBetween = [{ from: time, to: new Date(time + HOUR).toISOString() }]
    expect(await call('get_kasms').catch(() => 'away')).to.equal('away')
    time += HOUR
    expect(await call('get_kasms')).to.have.property('kasms')
  })
  it('is switched from outside, and shows no key', async () => {
    const { body } = await post('/__control', { settings: { capacity: 0 }, faults: [{ mode: 'error-500', times: 1 }] })
    expect(JSON.stringify(body)).to.not.contain(kasm.settings.apiKeySecret)
    expect((await post('/api/public/get_kasms', keys())).status).to.equal(500)
    const { user } = (await call('create_user', { target_user: { username: 'one', password: 'x' } })) as { user: { user_id: string } }
    expect((await call('request_kasm', { user_id: user.user_id, image_id })).error_message).to.match(/^No resources/)
  })
})
