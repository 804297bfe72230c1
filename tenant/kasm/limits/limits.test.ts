import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { refuse, type Refusal } from '../../../shared/errors.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { Customer } from '../../customers/customer.js'
import { useKasmWorld } from '../../testing/kasm-world.js'
import { orderWorkspace } from '../order-workspace.js'
import { Service } from '../../services/service.js'
import { Template } from '../templates/template.js'
import { Workspace } from '../workspace.js'
import { heldBy, limitsOf, refusalToHaveType, refusalToKeep, refusalToOrder, refusalToRun } from './ask-limits.js'
import { refusalByNumber, refusalByRunning, refusalByType, type Limits } from './limits.js'
import { saveDefaultLimits, saveLimits } from './save-limits.js'

const limits = (some: Partial<Limits>): Limits => ({ workspaces: null, running: null, types: null, ...some })
const held = (workspaces: number, running = 0) => ({ workspaces, running })
const code = (refusal: Refusal | null): string | null => refusal?.code ?? null

describe('A limit', () => {
  it('lets the last one through and refuses the next', () => {
    expect([1, 2, 3].map((n) => code(refusalByNumber(limits({ workspaces: 2 }), held(n))))).to.deep.equal([null, 'workspace.too-many', 'workspace.too-many'])
    expect([0, 1].map((n) => code(refusalByRunning(limits({ running: 1 }), held(5, n))))).to.deep.equal([null, 'workspace.too-many-running'])
    expect(refusalByNumber(limits({ workspaces: 0 }), held(0))!.message).to.contain('cannot have workspaces')
    expect([refusalByNumber(limits({}), held(9_999)), refusalByRunning(limits({}), held(9, 9_999)), refusalByType(limits({}), 'x')]).to.deep.equal([null, null, null])
  })
  it('of types allows what it names, and an empty one nothing', () => {
    expect(refusalByType(limits({ types: ['developer_basic'] }), 'developer_basic')).to.equal(null)
    expect([['developer_basic'], []].map((types) => code(refusalByType(limits({ types }), 'business_pro')))).to.deep.equal(['workspace.type-not-allowed', 'workspace.type-not-allowed'])
  })
})

describe('A customer’s limits', function () {
  this.timeout(20_000)
  const world = useKasmWorld()
  const plan = { slug: 'developer_basic', kasmWorkspaceType: 'developer_basic' }
  const inAcme = <T>(fn: () => Promise<T>): Promise<T> => world.as(world.acme, fn)
  const customer = (id: number) => inAcme(() => Customer.findOwned<Customer>({ id }))

  /** As an order does it: asks first, then books. */
  async function order(userId: number): Promise<string> {
    const planId = await world.plan()
    return inAcme(() => tenantTransaction(async () => {
      refuse(await refusalToOrder(userId, plan, clock.now()))
      const service = await Service.query().insertAndFetch({ publicId: newPublicId(), userId, planId, serviceType: 'kasm_workspace', name: 'x', status: 'provisioning', currency: 'USD', priceMicros: 200_000 })
      await orderWorkspace(service, { slug: 'developer_basic', vcpu: 2, ramMb: 4096 }, (await Template.query().findOne({ workspace_type: 'developer' }))!)
      return 'ordered'
    })).catch((error: unknown) => (error as Refusal).code)
  }

  it('hold when twelve tabs order at the same moment: the third workspace is refused twelve times less two', async () => {
    const { workspace } = await world.order()
    await inAcme(() => saveDefaultLimits(limits({ workspaces: 3 })))
    const answers = await Promise.all(Array.from({ length: 12 }, () => order(workspace.userId)))
    expect(answers.filter((a) => a === 'ordered')).to.have.length(2)
    expect(new Set(answers)).to.deep.equal(new Set(['ordered', 'workspace.too-many']))
    expect(await inAcme(() => heldBy(workspace.userId))).to.deep.equal({ workspaces: 3, running: 3 })
  })

  it('of what runs at once hold when five stopped ones start at the same moment', async () => {
    const first = await world.order()
    const { userId } = first.workspace
    const all = [first.workspace]
    for (let n = 0; n < 4; n++) all.push((await world.order(world.acme, userId)).workspace)
    await inAcme(async () => tenantDb()('kasm_workspaces').update({ status: 'stopped', next_attempt_at: null }))
    await inAcme(async () => saveLimits(await customer(userId), limits({ running: 2 })))
    const answers = await Promise.all(all.map((w) => inAcme(() => tenantTransaction(async () => {
      refuse(await refusalToRun(w, clock.now()))
      await Workspace.query().findById(w.id).patch({ status: 'starting' })
      return 'started'
    })).catch((error: unknown) => (error as Refusal).code)))
    expect(answers.filter((a) => a === 'started')).to.have.length(2)
    expect(await inAcme(() => heldBy(userId))).to.deep.equal({ workspaces: 5, running: 2 })
  })

  it('replace the shop’s, not add to them, until they are given back', async () => {
    const { workspace } = await world.order()
    await inAcme(() => saveDefaultLimits(limits({ workspaces: 1, types: ['business_pro'] })))
    const ask = () => inAcme(() => refusalToOrder(workspace.userId, plan, clock.now())).then(code)
    expect(await ask()).to.equal('workspace.type-not-allowed')
    await inAcme(async () => saveLimits(await customer(workspace.userId), limits({ workspaces: 2 })))
    expect(await ask()).to.equal(null)
    expect(await inAcme(() => refusalToHaveType(workspace.userId, { slug: 'x', kasmWorkspaceType: 'business_pro' }, clock.now()))).to.equal(null)
    await inAcme(async () => saveLimits(await customer(workspace.userId), null))
    expect(await inAcme(() => limitsOf(workspace.userId))).to.deep.equal({ workspaces: 1, running: null, types: ['business_pro'] })
  })

  it('count neither what is gone nor what was removed; bringing that back asks again', async () => {
    const { workspace } = await world.order()
    const other = await world.order(world.acme, workspace.userId)
    await inAcme(async () => tenantDb()('kasm_workspaces').where({ id: workspace.id }).update({ status: 'archived' }))
    await inAcme(async () => saveLimits(await customer(workspace.userId), limits({ workspaces: 1 })))
    expect(await inAcme(() => heldBy(workspace.userId))).to.deep.equal({ workspaces: 1, running: 1 })
    expect(code(await inAcme(() => refusalToKeep(workspace, clock.now())))).to.equal('workspace.too-many')
    await inAcme(async () => tenantDb()('kasm_workspaces').where({ id: other.workspace.id }).update({ status: 'terminated' }))
    expect(await inAcme(() => refusalToKeep(workspace, clock.now()))).to.equal(null)
  })
})
