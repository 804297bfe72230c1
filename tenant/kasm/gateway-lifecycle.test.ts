import { expect } from 'chai'
import { GatewaySimulator } from '../../shared/simulators/kasm/gateway-simulator.js'
import { clock } from '../../shared/time/clock.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { archiveWorkspace } from './archive-workspace.js'
import { revealCredentials } from './credentials/reveal-credentials.js'
import { forgetSightings } from './provider/sightings.js'
import { reconcileWorkspaces } from './reconcile.js'
import { startWorkspace } from './start-workspace.js'
import { stopWorkspace } from './stop-workspace.js'

describe('The life of a workspace on a gateway of one’s own', () => {
  const world = useKasmWorld()
  const gateway = new GatewaySimulator({ now: () => clock.real().getTime() })
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const settle = async () => {
    for (let n = 0; n < 5; n++) await world.later(3)
  }
  before(() => gateway.up())
  after(() => gateway.down())
  beforeEach(() => {
    gateway.reset()
    gateway.settings.runningAfterLooks = 2
    const { apiKey, apiKeySecret } = gateway.settings
    world.directory.connected.length = 0
    world.directory.connect({ baseUrl: gateway.url, secrets: { apiKey, apiKeySecret }, settings: { api: 'gateway' } })
    forgetSightings()
  })

  it('starts with the login that the gateway chose, stops, resumes, and is removed without a desktop left behind', async () => {
    const bought = await world.running()
    expect(bought.workspace).to.include({ status: 'running', username: `acme-${bought.service.publicId}` })
    const shown = await inAcme(() => revealCredentials(bought.workspace, bought.service))
    expect(shown.username).to.equal(bought.workspace.loginName).and.to.be.a('string')
    expect(shown.password, 'ours begins with Ka1-').to.not.match(/^Ka1-/)
    await inAcme(() => stopWorkspace(bought.workspace))
    await settle()
    const stopped = await world.fresh(bought)
    await inAcme(() => startWorkspace(stopped.workspace, stopped.service))
    await settle()
    expect((await world.fresh(bought)).workspace).to.include({ status: 'running', kasmWorkspaceId: bought.workspace.kasmWorkspaceId })
    await inAcme(async () => archiveWorkspace((await world.fresh(bought)).workspace))
    await settle()
    expect((await world.fresh(bought)).workspace.status).to.equal('archived')
    expect(gateway.alive).to.deep.equal([])
    expect((await world.sessions()).map((s) => s.endReason)).to.deep.equal(['customer', 'terminated'])
  })

  it('is compared with it as with any server: what runs although it should not is stopped', async () => {
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await settle()
    gateway.state.sessions[0]!.status = 'running'
    for (let n = 0; n < 4; n++) {
      await world.later(60)
      forgetSightings()
      await inAcme(() => reconcileWorkspaces(clock.now()))
    }
    expect(gateway.alive.map((s) => s.status)).to.deep.equal(['stopped'])
  })
})
