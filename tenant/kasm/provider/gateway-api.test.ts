import { expect } from 'chai'
import { GatewaySimulator } from '../../../shared/simulators/kasm/gateway-simulator.js'
import { errorOf, kasmApiContract } from './kasm-api.contract.js'
import { openKasm } from './open-kasm.js'

const wish = { imageId: 'developer_basic', workspaceType: 'developer_basic' }
const newUser = { username: 'acme-one', password: 'p', firstName: 'A', lastName: 'B' }

describe('The gateway door against the simulated gateway', () => {
  const simulator = new GatewaySimulator({ pauseCall: true })
  const door = (settings: Record<string, unknown> = {}) => openKasm({
    baseUrl: simulator.url, secrets: { apiKey: simulator.settings.apiKey, apiKeySecret: 'gatesecret000000000000000000001' },
    settings: { api: 'gateway', timeoutMs: 10_000, ...settings },
  })
  const pausePath = '/api/public/pause_workspace'
  before(() => simulator.up())
  after(() => simulator.down())
  beforeEach(() => simulator.reset())
  const running = async () => {
    const { userId, username } = await door().createUser(newUser)
    const made = await door().requestSession({ userId, username, ...wish })
    await door().sessions()
    await door().sessions()
    return made
  }

  kasmApiContract({
    simulator: () => simulator,
    door: (patience) => door({ pausePath, tellsActivity: true, ...(patience ? { timeoutMs: 300 } : {}) }),
    abilities: { users: false, groups: false, suspendUsers: false, stop: true, pause: true, resume: true, keepalive: false, activity: true },
    calls: {
      request: 'create_workspace', list: 'list_workspaces', status: 'workspace_status', destroy: 'destroy_workspace',
      power: { stop: '/api/public/stop_workspace', pause: pausePath, resume: '/api/public/start_workspace' },
    },
    wish,
    unknownWish: { imageId: 'developer_giant', workspaceType: 'developer_giant' },
    tokenIn: (link) => new URL(link).searchParams.get('token')!,
  })

  it('sends what the document says, and our user name', async () => {
    const { userId, username } = await door().createUser(newUser)
    await door({ sessionSeconds: 3600 }).requestSession({ userId, username, imageId: 'vscode-2', workspaceType: 'business_pro' })
    const [sent] = simulator.seen('create_workspace')
    expect(sent?.body).to.deep.equal({ workspace_type: 'business_pro', user_id: 'acme-one', template: 'vscode-2', session_duration: 3600 })
  })
  it('hands over the login that the gateway chose, once', async () => {
    const made = await running()
    expect(made.credentials?.username).to.equal('acme-one')
    expect(made.credentials?.password).to.match(/^gw-/)
    expect(JSON.stringify(await door().sessions())).to.not.contain(made.credentials!.password)
  })
  it('cannot ask for a workspace without a user name', async () => {
    const error = await errorOf(door().requestSession({ userId: 'a'.repeat(32), ...wish }))
    expect(error).to.include({ code: 'refused', retryable: false, unknown: false })
    expect(simulator.calls).to.have.length(0)
  })
  it('makes the link by the connection’s path where the gateway tells none', async () => {
    simulator.settings.freshLinks = false
    const ref = await running()
    expect(await door({ accessOrigin: 'https://desk.example' }).launchUrl(ref)).to.equal(`https://desk.example/workspace/${ref.kasmId}`)
    expect((await fetch(await door().launchUrl(ref))).status).to.equal(200)
  })
  it('says that a gateway without a list is of no use, and why', async () => {
    simulator.settings.listCall = false
    expect(await errorOf(door().sessions())).to.include({ code: 'not-supported', retryable: false })
    const { problem, permissions } = await door().probe()
    expect(problem?.code).to.equal('missing-permissions')
    expect(permissions[0]).to.deep.include({ call: 'list_workspaces', ok: false, needed: true })
    expect(permissions[0]!.why).to.contain('bill by the quarter hour')
  })
  it('pauses nothing unless the connection names the call', async () => {
    expect(door().can.pause).to.equal(false)
    expect(await errorOf(door().pause(await running()))).to.include({ code: 'not-supported' })
  })
})
