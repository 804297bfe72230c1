import { expect } from 'chai'
import { KasmSimulator } from '../../../shared/simulators/kasm.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { newPublicId } from '../../../shared/security/token.js'
import { Service } from '../../services/service.js'
import { startWorkspace } from '../start-workspace.js'
import { stopWorkspace } from '../stop-workspace.js'
import { useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { orderWorkspace } from '../order-workspace.js'
import { enableTemplate, labelTemplate, moveTemplate, restoreOrder } from './label-template.js'
import { receiveTemplates, type OfferedTemplate } from './receive-templates.js'
import { seededImageId, seededTemplates, seedTemplates } from './seed-templates.js'
import { Template } from './template.js'

const plan = { slug: 'developer_basic', kasmWorkspaceType: 'developer_basic', vcpu: 2, ramMb: 4096 }
const offered = (change: Partial<OfferedTemplate> = {}): OfferedTemplate => ({
  key: 'vscode-basic', name: 'VS Code', description: 'Editor.', workspaceType: 'developer', vcpu: 2, ramMb: 4096, preinstalledApps: ['Git'], icon: 'code', sortOrder: 0, status: 'active',
  imageId: seededImageId('vscode', 'basic'), images: [{ connectionId: 1, imageId: seededImageId('vscode', 'basic'), offered: true }], ...change,
})

describe('Templates of a shop', () => {
  const world = useKasmWorld()
  const second = new KasmSimulator()
  before(() => second.up())
  after(() => second.down())
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const held = (key = 'vscode-basic') => inAcme(() => Template.findOwned<Template>({ centralKey: key }))
  const settle = async () => { for (let n = 0; n < 6; n++) await world.later(3) }

  async function orderOn(connectionId: number): Promise<Bought> {
    const [userId, planId] = [await world.customer(), await world.plan()]
    return inAcme(async () => {
      const template = await Template.findOwned<Template>({ centralKey: 'vscode-basic' })
      return tenantTransaction(async () => {
        const service = await Service.query().insertAndFetch({ publicId: newPublicId(), userId, planId, serviceType: 'kasm_workspace', name: 'box', status: 'provisioning', currency: 'USD', priceMicros: 200_000 })
        return { service, workspace: await orderWorkspace(service, plan, template, undefined, { connectionId, region: null }) }
      })
    })
  }

  it('takes over the rows of a shop that was seeded before there was a catalogue, instead of doubling them', async () => {
    await inAcme(() => seedTemplates())
    const catalogue = seededTemplates().map((t) => offered({ ...t, vcpu: t.vcpuDefault, ramMb: t.ramMbDefault, imageId: t.kasmTemplateId, images: [] }))
    expect(await inAcme(() => receiveTemplates(catalogue))).to.deep.equal({ added: 0, changed: 18, withdrawn: 0 })
    expect(await inAcme(() => receiveTemplates(catalogue)), 'the second time nothing is to do').to.deep.equal({ added: 0, changed: 0, withdrawn: 0 })
    expect(await inAcme(() => Template.query().resultSize())).to.equal(18)
    expect((await world.events()).filter((type) => type === 'templates.received')).to.have.length(1)
  })

  it('deprecates what the catalogue does not name any more, and keeps what only this shop knows', async () => {
    await inAcme(() => receiveTemplates([offered(), offered({ key: 'two', imageId: 'b'.repeat(32) })]))
    await inAcme(() => Template.query().insert({ name: 'Mine', description: '', workspaceType: 'developer', kasmTemplateId: 'c'.repeat(32), vcpuDefault: 2, ramMbDefault: 4096, preinstalledApps: [], status: 'active', sortOrder: 5 }))
    expect(await inAcme(() => receiveTemplates([offered()]))).to.deep.equal({ added: 0, changed: 0, withdrawn: 1 })
    expect((await inAcme(() => Template.offeredFor(plan))).map((t) => t.label)).to.deep.equal(['VS Code', 'Mine'])
  })

  it('offers what is enabled and active only, in the shop’s own order and words, which follow central again when they are taken back', async () => {
    await inAcme(() => receiveTemplates([offered(), offered({ key: 'b', name: 'B', sortOrder: 1, imageId: 'b'.repeat(32) }), offered({ key: 'old', name: 'Old', sortOrder: 2, imageId: 'd'.repeat(32), status: 'deprecated' }), offered({ key: 'c', name: 'C', sortOrder: 3, imageId: 'c'.repeat(32) })]))
    const labels = async () => (await inAcme(() => Template.offeredFor(plan))).map((t) => t.label)
    expect(await labels()).to.deep.equal(['VS Code', 'B', 'C'])
    await inAcme(async () => moveTemplate(await held('c'), 'up'))
    expect(await labels(), 'the deprecated one between them is stepped over').to.deep.equal(['VS Code', 'C', 'B'])
    await inAcme(async () => labelTemplate(await held('b'), { name: 'Bee', description: null, icon: null }))
    await inAcme(async () => enableTemplate(await held(), false))
    expect(await labels()).to.deep.equal(['C', 'Bee'])
    await inAcme(async () => labelTemplate(await held('b'), { name: 'B', description: null, icon: null }))
    await inAcme(() => restoreOrder())
    expect([(await held('b')).ownName, await labels()]).to.deep.equal([null, ['B', 'C']])
  })

  it('starts a workspace with the image of the server it was ordered on', async () => {
    const { apiKey, apiKeySecret } = second.settings
    world.directory.connect({ id: 2, name: 'second', baseUrl: second.url, secrets: { apiKey, apiKeySecret } })
    second.state.images = [{ ...second.state.images[0]!, image_id: 'a'.repeat(32) }]
    await inAcme(() => receiveTemplates([offered({ images: [{ connectionId: 1, imageId: seededImageId('vscode', 'basic'), offered: true }, { connectionId: 2, imageId: 'a'.repeat(32), offered: true }] })]))
    const there = await orderOn(2)
    const here = await orderOn(1)
    await settle()
    expect([(await world.fresh(there)).workspace.status, (await world.fresh(here)).workspace.status]).to.deep.equal(['running', 'running'])
    expect(second.alive.map((s) => s.image_id)).to.deep.equal(['a'.repeat(32)])
    expect(world.kasm.alive.map((s) => s.image_id)).to.deep.equal([seededImageId('vscode', 'basic')])
  })

  it('lets a workspace of a deprecated template go on, stop and start again', async () => {
    await inAcme(() => receiveTemplates([offered()]))
    const bought = await orderOn(1)
    await settle()
    await inAcme(() => receiveTemplates([offered({ status: 'deprecated', images: [{ connectionId: 1, imageId: seededImageId('vscode', 'basic'), offered: false }] })]))
    expect(await inAcme(() => Template.offeredFor(plan))).to.deep.equal([])
    const stop = await world.fresh(bought)
    await inAcme(() => stopWorkspace(stop.workspace))
    await settle()
    const start = await world.fresh(bought)
    expect(start.workspace.status).to.equal('stopped')
    await inAcme(() => startWorkspace(start.workspace, start.service))
    await settle()
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
  })
})
