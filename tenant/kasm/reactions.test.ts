import { expect } from 'chai'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { overrideConfig } from '../../shared/config.js'
import { alertsSettled } from '../../shared/alerts/alert.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import { dispatchPending } from '../../shared/events/dispatch.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import '../reactions.js'
import { openPassword } from './credentials.js'
import { forgetSightings } from './provider/sightings.js'
import { savePreferences } from '../notifications/preferences.js'
import { startWorkspace } from './start-workspace.js'
import { stopWorkspace } from './stop-workspace.js'
import { retryProvisioning } from './retry-provisioning.js'
import { watchWorkspaces } from './watch-workspaces.js'

interface Letter { letter: string; html: string; text: string; subject: string }

describe('What follows from what happens to workspaces', () => {
  const world = useKasmWorld()
  const letters = () => world.as(world.acme, async () => (await tenantDb()('mail_messages').orderBy('id')) as Letter[])

  it('the customer gets one letter when it is ready, with a link to its page and no login', async () => {
    const { service, workspace } = await world.running()
    await world.as(world.acme, () => dispatchPending())
    const [letter, ...more] = await letters()
    expect(more).to.deep.equal([])
    expect(letter).to.include({ letter: 'workspace-ready', subject: 'Your workspace api-box is ready' })
    expect(letter!.html).to.contain(`http://acme.localhost:3000/services/${service.publicId}`).and.to.contain('$0.20/h')
    const password = await world.as(world.acme, () => openPassword(service.publicId, workspace.passwordEncrypted!))
    expect(letter!.html + letter!.text).to.not.contain(password).and.to.not.contain(workspace.kasmUserId!).and.to.not.match(/EZSCALE|connect\/kasm/)
  })

  it('the customer gets a letter when a start was given up, unless trouble is not to be mailed', async () => {
    const bought = await world.running()
    await world.as(world.acme, () => stopWorkspace(bought.workspace))
    await world.later(0)
    const givenUp = async () => {
      const { workspace, service } = await world.fresh(bought)
      world.kasm.fault({ mode: 'unauthorized', calls: ['resume_kasm'] })
      await world.as(world.acme, () => startWorkspace(workspace, service))
      await world.later(0)
      expect((await world.fresh(bought)).workspace.status).to.equal('failed')
      await world.as(world.acme, () => dispatchPending())
      return (await letters()).filter(({ letter }) => letter === 'workspace-start-failed')
    }
    expect((await givenUp()).map(({ subject }) => subject)).to.deep.equal(['Your workspace api-box could not be started'])
    await world.as(world.acme, () => savePreferences(bought.service.userId, new Map([['workspace-trouble', { mail: false, app: true }]])))
    expect(await givenUp()).to.have.length(1)
  })

  it('a stopped run is told to central once', async () => {
    const { workspace } = await world.running()
    for (let n = 0; n < 26; n++) {
      await world.later(150)                                        // 65 minutes, seen all along
      forgetSightings()
      await world.as(world.acme, () => watchWorkspaces(clock.now()))
    }
    await world.as(world.acme, () => stopWorkspace(workspace))
    await world.later(0)
    await world.as(world.acme, async () => tenantDb()('events').update({ dispatched_at: null, claimed_until: null }))
    await world.as(world.acme, () => dispatchPending())
    expect(world.directory.usage.map((u) => [u.tenant, u.sku, u.quantitySeconds])).to.deep.equal([['acme', 'kasm.developer_basic', 4500]])
    expect(await letters()).to.have.length(1)
  })

  describe('when it fails', () => {
    const posts: string[] = []
    let discord: Server
    before(async () => {
      discord = createServer((req, res) => {
        const chunks: Buffer[] = []
        req.on('data', (c: Buffer) => chunks.push(c)).on('end', () => {
          posts.push(Buffer.concat(chunks).toString('utf8'))
          res.writeHead(204).end()
        })
      })
      await new Promise<void>((resolve) => discord.listen(0, '127.0.0.1', resolve))
      overrideConfig({ ALERT_WEBHOOK_URL: `http://127.0.0.1:${(discord.address() as AddressInfo).port}/api/webhooks/1/abc` })
    })
    after(async () => {
      overrideConfig({ ALERT_WEBHOOK_URL: undefined })
      discord.closeAllConnections()
      await new Promise((resolve) => discord.close(resolve))
    })

    it('staff hears once of an outage in which nobody sees the running desktops', async () => {
      await world.running()
      await world.kasm.down()
      posts.length = 0
      for (let minute = 0; minute < 15; minute++) {
        await world.later(60)
        await world.as(world.acme, () => watchWorkspaces(clock.now()))
      }
      await alertsSettled()
      await world.kasm.up()
      expect(posts).to.have.length(1)
      expect(posts[0]).to.contain('Running workspaces cannot be seen')
      expect((await world.sessions())[0]!.stoppedAt).to.equal(null)
    })

    it('staff is alerted with shop and reason, the customer is told, and told again when it is ready after all', async () => {
      world.kasm.fault({ mode: 'unauthorized' })
      const bought = await world.order()
      await world.later(0)
      await alertsSettled()
      expect(posts.join()).to.contain('A workspace could not be set up').and.to.contain('unauthorized').and.to.contain('acme').and.to.not.contain(world.kasm.settings.apiKeySecret)
      world.kasm.fault()
      await world.as(world.acme, async () => retryProvisioning((await world.fresh(bought)).service))
      for (let n = 0; n < 5; n++) await world.later(5)
      expect((await letters()).map((l) => l.letter)).to.deep.equal(['workspace-failed', 'workspace-ready'])
    })
  })
})
