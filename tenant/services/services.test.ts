import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { record } from '../../shared/events/record.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { cancelSubscription } from '../billing/subscriptions/cancel-subscription.js'
import { resumeSubscription } from '../billing/subscriptions/pause-subscription.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { useOrderWorld } from '../testing/order-world.js'
import { newProduct } from '../testing/catalog-world.js'
import { payOpen } from '../testing/subscription-world.js'
import { stopAllSuspended } from '../kasm/suspend-workspace.js'
import { changeDetails, completeSetup } from './complete-setup.js'
import { endKept } from './end-kept.js'
import { provisionService } from './provision-service.js'
import { detailsOf, ServiceDetail } from './service-detail.js'
import { serviceRules } from './service-rules.js'
import { ServiceTask } from './service-task.js'
import { Service } from './service.js'
import { suspendService, unsuspendService } from './suspend-service.js'
import { terminateService } from './terminate-service.js'

describe('A service that staff sets up', function () {
  this.timeout(20_000)
  const world = useOrderWorld()
  const { in: inAcme } = world

  /** Ordered through the shop, paid, and (unless told otherwise) marked ready. */
  async function bought({ ready = true } = {}): Promise<{ service: Service; buyerId: number }> {
    const { plan } = await inAcme(() => newProduct({ name: 'VPS S' }, [{ cycle: 'monthly', price: '10.00' }]))
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, plan, { name: 'web-1' })
    await world.checkOut(browser)
    await inAcme(() => payOpen(buyer.id))
    for (let n = 0; n < 3; n++) await world.jobs()
    if (ready) await inAcme(async () => completeSetup(await ServiceTask.findOwned<ServiceTask>({ kind: 'setup' }), [{ label: 'Password', value: 'old secret', secret: true }]))
    return { service: await fresh(), buyerId: buyer.id }
  }
  const fresh = () => inAcme(() => Service.findOwned<Service>({ name: 'web-1' }))
  const tasks = () => inAcme(async () => (await ServiceTask.query().where({ status: 'open' }).orderBy('id')).map((t) => t.kind))
  const suspend = (by: 'staff' | 'dunning' | 'pause') => inAcme(async () => suspendService(await Service.findOwned<Service>({ name: 'web-1' }), by))
  const lift = (by: 'staff' | 'dunning' | 'pause') => inAcme(async () => unsuspendService(await Service.findOwned<Service>({ name: 'web-1' }), by))

  it('comes back only by who suspended it, and staff outweighs a payment', async () => {
    await bought()
    await suspend('dunning')
    await suspend('dunning')
    expect(await fresh()).to.include({ status: 'suspended', suspendedBy: 'dunning' })
    expect(await tasks()).to.deep.equal(['suspend'])
    await suspend('staff')
    await lift('dunning')
    expect(await fresh()).to.include({ status: 'suspended', suspendedBy: 'staff' })
    await lift('staff')
    await lift('staff')
    expect(await fresh()).to.include({ status: 'active', suspendedBy: null })
    expect(await tasks()).to.deep.equal([])
  })

  it('stays suspended for the next reason when one is lifted', async () => {
    const { service } = await bought()
    const subscription = await inAcme(() => Subscription.findOwned<Subscription>({ id: service.subscriptionId }))
    await inAcme(async () => tenantDb()('subscriptions').where({ id: subscription.id }).update({ status: 'paused' }))
    await suspend('staff')
    await lift('staff')
    expect(await fresh()).to.include({ status: 'suspended', suspendedBy: 'pause' })
    await lift('pause')
    expect((await fresh()).status).to.equal('active')
  })

  it('pauses and resumes with its subscription', async () => {
    const { service } = await bought()
    const subscription = () => inAcme(() => Subscription.findOwned<Subscription>({ id: service.subscriptionId }))
    await inAcme(async () => tenantDb()('subscriptions').where({ id: service.subscriptionId }).update({ status: 'paused', paused_at: clock.now() }))
    await inAcme(async () => record('subscription.paused', await subscription()))
    await world.jobs()
    expect(await fresh()).to.include({ status: 'suspended', suspendedBy: 'pause' })
    await inAcme(async () => resumeSubscription(await subscription()))
    await world.jobs()
    expect((await fresh()).status).to.equal('active')
  })

  it('ends with its subscription, once: a task to remove it, its details shut, its stock back', async () => {
    const { service, buyerId } = await bought()
    await inAcme(async () => cancelSubscription(await Subscription.findOwned<Subscription>({ id: service.subscriptionId }), { timing: 'now', by: 'customer' }))
    for (let n = 0; n < 3; n++) await world.jobs()
    expect((await fresh()).status).to.equal('terminated')
    await inAcme(async () => terminateService(await Service.findOwned<Service>({ name: 'web-1' }), 'staff'))
    expect(await tasks()).to.deep.equal(['removal'])
    expect(await inAcme(async () => (await tenantDb()('products').first('stock_taken')) as object)).to.deep.equal({ stock_taken: 0 })
    const browser = await world.shop.as(buyerId)
    expect((await browser.get(`/services/${service.publicId}`)).body).to.contain('has ended')
    expect((await browser.post(`/services/${service.publicId}/details`)).body).to.not.contain('old secret')
  })

  it('is kept for as long as the shop says, then removed at that instant', async () => {
    await inAcme(() => serviceRules.write({ keepDays: 7 }))
    const { service } = await bought()
    await inAcme(async () => cancelSubscription(await Subscription.findOwned<Subscription>({ id: service.subscriptionId }), { timing: 'now', by: 'customer' }))
    for (let n = 0; n < 3; n++) await world.jobs()
    expect(await fresh()).to.include({ status: 'suspended', suspendedBy: 'pause' })
    const { endedAt } = await inAcme(() => Subscription.findOwned<Subscription>({ id: service.subscriptionId }))
    await inAcme(() => endKept(new Date(endedAt!.getTime() + 7 * 86_400_000 - 1)))
    expect((await fresh()).status).to.equal('suspended')
    await inAcme(() => endKept(new Date(endedAt!.getTime() + 7 * 86_400_000)))
    expect((await fresh()).status).to.equal('terminated')
  })

  it('ended by staff before anybody set it up makes no work, and ends its subscription', async () => {
    await bought({ ready: false })
    expect(await tasks()).to.deep.equal(['setup'])
    await inAcme(async () => terminateService(await Service.findOwned<Service>({ name: 'web-1' }), 'staff'))
    expect(await tasks()).to.deep.equal([])
    expect(await world.count('subscriptions', { status: 'ended', end_reason: 'staff' })).to.equal(1)
  })

  it('is set up once, however often its activation is told', async () => {
    const { service } = await bought({ ready: false })
    await inAcme(() => provisionService(service))
    await inAcme(async () => record('subscription.activated', await Subscription.findOwned<Subscription>({ id: service.subscriptionId })))
    await world.jobs()
    expect(await world.count('service_tasks')).to.equal(1)
  })

  it('keeps its secret sealed for its own row, and when staff saves the details again without it', async () => {
    const { service } = await bought()
    const [row] = await inAcme(() => ServiceDetail.query().where({ serviceId: service.id }).execute())
    expect(row!.valueSealed).to.not.contain('old secret')
    await inAcme(async () => {
      expect(row!.open()).to.equal('old secret')
      await changeDetails(service, [{ label: 'User', value: 'root', secret: false }, { label: 'Password', value: null, secret: true }])
      expect((await detailsOf(service.id)).map((d) => d.open())).to.deep.equal(['root', 'old secret'])
      expect(() => Object.assign(new ServiceDetail(), row, { publicId: newPublicId() }).open()).to.throw()
    })
  })

  it('is renamed by its owner only', async () => {
    const { service, buyerId } = await bought()
    const path = `/services/${service.publicId}/name`
    const eve = await world.shop.as((await world.buyer()).id)
    await eve.get('/services')
    expect((await eve.post(path, { _method: 'put', name: 'mine' })).status).to.equal(404)
    const owner = await world.shop.as(buyerId)
    await owner.get('/services')
    expect((await owner.post(path, { _method: 'put', name: '' })).status).to.equal(422)
    expect((await owner.post(path, { _method: 'put', name: 'mail-1' })).status).to.equal(303)
    expect(await world.count('services', { name: 'mail-1' })).to.equal(1)
  })

  it('follows what dunning wants now, whatever order its events come in', async () => {
    const { service, buyerId } = await bought()
    const invoiceId = await inAcme(async () => ((await tenantDb()('invoices').first('id')) as { id: number }).id)
    const dated = { created_at: clock.now(), updated_at: clock.now() }
    const told = (type: string) => inAcme(() => record(type, { type: 'invoices', id: invoiceId }, { serviceIds: [service.id] }))
    await told('dunning.suspend')
    await world.jobs()
    expect((await fresh()).status, 'nothing is wanted any more').to.equal('active')
    await inAcme(async () => {
      const [caseId] = (await tenantDb()('dunning_cases').insert({ public_id: newPublicId(), user_id: buyerId, invoice_id: invoiceId, status: 'open', due_at: clock.now(), ...dated })) as number[]
      await tenantDb()('dunning_steps').insert({ case_id: caseId, step: 'suspend', kind: 'suspend', outcome: 'done', planned_at: clock.now(), done_at: clock.now(), detail: JSON.stringify({ serviceIds: [service.id] }) })
    })
    await told('dunning.repaired')
    await world.jobs()
    expect(await fresh()).to.include({ status: 'suspended', suspendedBy: 'dunning' })
    await inAcme(async () => tenantDb()('dunning_cases').update({ status: 'repaired' }))
    await told('dunning.repaired')
    await world.jobs()
    expect((await fresh()).status).to.equal('active')
  })
})

describe('A suspended workspace', () => {
  const world = useKasmWorld()
  const act = (fn: (service: Service) => Promise<void>) => world.as(world.acme, async () => fn(await Service.findOwned<Service>({ name: 'api-box' })))

  it('is stopped with its meter at that instant, cannot be started, and runs again when the suspension is lifted', async () => {
    const bought = await world.running()
    await act((service) => suspendService(service, 'staff'))
    const at = clock.now()
    await world.later(0)
    expect((await world.fresh(bought)).workspace.status).to.equal('stopped')
    expect((await world.sessions())[0]).to.deep.include({ stoppedAt: at, endReason: 'suspended' })
    await act((service) => unsuspendService(service, 'staff'))
    expect((await world.fresh(bought)).service.status).to.equal('active')
  })

  it('that came up meanwhile is stopped by the timetable', async () => {
    const bought = await world.running()
    await world.as(world.acme, async () => tenantDb()('services').update({ status: 'suspended', suspended_by: 'dunning' }))
    await world.as(world.acme, () => stopAllSuspended(clock.now()))
    await world.later(0)
    expect((await world.fresh(bought)).workspace.status).to.equal('stopped')
  })

  it('that ends is removed at the provider too', async () => {
    const bought = await world.running()
    await act((service) => terminateService(service, 'terminated'))
    for (let n = 0; n < 3; n++) await world.later(2)
    const { service, workspace } = await world.fresh(bought)
    expect([service.status, workspace.status]).to.deep.equal(['terminated', 'terminated'])
    expect(world.kasm.state.users).to.have.length(0)
  })
})
