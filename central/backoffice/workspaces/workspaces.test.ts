import { expect } from 'chai'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { addCredit } from '../../../tenant/billing/credit/add-credit.js'
import { creditBalance } from '../../../tenant/billing/credit/credit.js'
import { draftInvoice } from '../../../tenant/billing/invoices/draft-invoice.js'
import { issueInvoice } from '../../../tenant/billing/invoices/issue-invoice.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { retryProvisioning } from '../../../tenant/kasm/retry-provisioning.js'
import { Service } from '../../../tenant/services/service.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { DiscordSimulator } from '../../../shared/simulators/discord.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { UsageSession } from '../../../tenant/kasm/metering/usage-session.js'
import { stopWorkspace } from '../../../tenant/kasm/stop-workspace.js'
import { Workspace } from '../../../tenant/kasm/workspace.js'
import '../../../tenant/timetable.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { refusalToOrder } from '../../../tenant/kasm/limits/ask-limits.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'
import { newFailed, newRun, newWorkspace, type Wanted } from '../../testing/workspace-world.js'

describe('Workspaces at the desk', function () {
  this.timeout(60_000)
  const { inAcme, member, staff } = useDesk({ at: '2026-11-01T00:00:00Z' })
  const home = '/reseller/workspaces'
  const workspace = (wanted: Wanted = {}) => inAcme(() => newWorkspace(wanted))
  const fresh = (id: number) => inAcme(async () => (await Workspace.query().findById(id))!)
  beforeEach(() => clock.set('2026-11-10T12:00:00Z'))
  after(() => clock.set())

  it('are found by state, type, name, customer, server and how long they run, and only there', async () => {
    const long = await workspace({ name: 'long-runner', email: 'ada@mail.example', type: 'business_pro', runningSince: '2026-11-09T11:00:00Z', region: 'eu-west' })
    await workspace({ name: 'short-runner', runningSince: '2026-11-10T11:50:00Z' })
    await workspace({ name: 'put-away', status: 'archived' })
    const browser = await member('acme')
    const found = async (query: string) => ['long-runner', 'short-runner', 'put-away'].filter((name) => browser.last!.body.includes(name) && query)
    const ask = async (query: string) => { await browser.get(`${home}${query}`); return found(query || '?') }
    expect(await ask('')).to.deep.equal(['long-runner', 'short-runner'])
    expect(await ask('?show=archived')).to.deep.equal(['put-away'])
    expect(await ask('?longer=24')).to.deep.equal(['long-runner'])
    expect(await ask('?type=business_pro')).to.deep.equal(['long-runner'])
    expect(await ask('?q=ADA@mail')).to.deep.equal(['long-runner'])
    expect(await ask('?q=short_')).to.deep.equal([])
    expect(await ask('?region=eu-west&show=all')).to.deep.equal(['long-runner'])
    expect(await ask('?show=all&server=99')).to.deep.equal([])
    expect(words((await browser.get(`${home}?q=long`)).body)).to.contain('$10.00')
    const [head, line] = (await browser.get(`${home}.csv?q=long`)).body.split('\r\n')
    expect(head).to.match(/^workspace,name,customer,type/)
    expect(line).to.contain(`${long.service.publicId},long-runner,ada@mail.example`).and.to.contain('90000,10.00,USD')
    expect((await browser.get(`${home}?show=nonsense&longer=x&sort=(select)&type=${'x'.repeat(50)}`)).status).to.equal(200)
  })

  it('of another shop do not exist, neither to look at nor to stop', async () => {
    const own = await workspace({ runningSince: '2026-11-10T11:00:00Z' })
    const other = await member('globex')
    expect((await other.get(home)).body).to.not.contain(own.service.publicId)
    expect((await other.get(`${home}/${own.service.publicId}`)).status).to.equal(404)
    expect((await other.post(`${home}/${own.service.publicId}/force-stop`, { reason: 'Not mine' })).status).to.equal(404)
    expect((await other.post(`${home}/selection/acts`, { act: 'stop', ids: own.service.publicId, formKey: 'a'.repeat(20), reason: 'Not mine' })).body).to.contain('None of these workspaces exists any more.')
    expect((await fresh(own.workspace.id)).status).to.equal('running')
  })

  it('show what they cost and earn, what happened, and are stopped by staff with a reason that the customer gets', async () => {
    const { service, workspace: w, userId } = await workspace({ name: 'costly', runningSince: '2026-11-10T10:00:00Z' })
    const sam = await staff()
    const at = `/tenants/acme/workspaces/${service.publicId}`
    const page = words((await sam.get(at)).body)
    expect(page).to.contain('Customer pays $0.30').and.to.contain('You pay $0.21').and.to.contain('Margin $0.09 30 %')
    expect((await sam.post(`${at}/force-stop`, { reason: '' })).status).to.equal(422)
    expect(sam.last!.body).to.contain('Please fill this in.')
    expect((await sam.post(`${at}/force-stop`, { reason: 'It mines coins.' })).status).to.equal(303)
    expect((await fresh(w.id)).status).to.equal('stopping')
    const [run] = await inAcme(async () => UsageSession.query().where({ kasmWorkspaceId: w.id }))
    expect([run!.endReason, run!.stoppedAt?.toISOString()]).to.deep.equal(['staff', '2026-11-10T12:00:00.000Z'])
    expect(words((await sam.follow()).body)).to.contain('Stopped: the meter has ended').and.to.contain('by staff, platform staff')
    await runDueJobs()
    expect(await inAcme(async () => tenantDb()('mail_messages').where({ user_id: userId }).pluck('text'))).to.satisfy((all: string[]) => all.some((text) => text.includes('It mines coins.')))
  })

  it('are stopped together after a look at each; one that moved meanwhile is told, and never holds up the others', async () => {
    const [a, b, idle, raced] = [await workspace({ name: 'bulk-a', runningSince: '2026-11-10T11:00:00Z' }), await workspace({ name: 'bulk-b', runningSince: '2026-11-10T11:00:00Z' }), await workspace({ name: 'bulk-idle' }), await workspace({ name: 'bulk-raced', runningSince: '2026-11-10T11:00:00Z' })]
    const browser = await member('acme')
    await browser.get(home)
    const preview = await browser.post(`${home}/selection`, { act: 'stop', ...Object.fromEntries([a, b, idle, raced].map((x) => [`pick_${x.service.publicId}`, 'on'])) })
    expect(words(preview.body)).to.contain('Stop 3 workspaces').and.to.contain('Left alone: The workspace is not running.').and.to.match(/bulk-a .{0,60}\$0\.\d\d Is stopped/)
    expect((await fresh(a.workspace.id)).status).to.equal('running')
    const form = { act: 'stop', ids: hidden(preview.body, 'ids'), formKey: hidden(preview.body, 'formKey'), reason: 'Maintenance' }
    await inAcme(async () => stopWorkspace((await Workspace.query().findById(raced.workspace.id))!))
    expect((await browser.post(`${home}/selection/acts`, { ...form, reason: '' })).status).to.equal(422)
    const result = words((await browser.post(`${home}/selection/acts`, form)).body)
    expect(result).to.contain('Stopped 2 workspaces').and.to.contain('1 workspace left alone').and.to.match(/bulk-raced .{0,80}Left alone The workspace is not running/)
    expect(words((await browser.post(`${home}/selection/acts`, form)).body)).to.contain('3 workspaces left alone')
    expect(await inAcme(async () => Number((await tenantDb()('events').where({ type: 'workspace.force-stopped', subject_id: a.workspace.id }).count({ n: '*' }).first<{ n: number }>()).n))).to.equal(1)
    expect([(await fresh(a.workspace.id)).status, (await fresh(b.workspace.id)).status]).to.deep.equal(['stopping', 'stopping'])
    expect(words((await browser.get(`${home}/${idle.service.publicId}/removal`)).body)).to.contain('Its files are kept for 7 days')
    expect((await browser.post(`${home}/${idle.service.publicId}/removal`)).status).to.equal(303)
    expect((await fresh(idle.workspace.id)).status).to.equal('archived')
    expect(words((await browser.follow()).body)).to.contain('Files kept until')
  })

  it('may be looked at by support, and changed by nobody of that role', async () => {
    const { service, workspace: w } = await workspace({ runningSince: '2026-11-10T11:00:00Z' })
    const support = await member('acme', 'support')
    expect((await support.get(`${home}/${service.publicId}`)).body).to.not.contain('/force-stop')
    for (const path of ['force-stop', 'restart', 'retry', 'removal']) expect((await support.post(`${home}/${service.publicId}/${path}`, path === 'force-stop' ? { reason: 'Because' } : {})).status, path).to.equal(409)
    expect((await support.post(`${home}/selection/acts`, { act: 'stop', ids: service.publicId, formKey: 'a'.repeat(20), reason: 'Because' })).status).to.equal(409)
    expect((await support.post(`${home}/settings/limits`, { _method: 'put', workspaces: '1' })).status).to.equal(409)
    expect((await fresh(w.id)).status).to.equal('running')
  })

  it('are limited for everybody or for one customer, who is refused with the reason', async () => {
    const { workspace: w } = await workspace()
    const plan = { slug: 'developer_basic', kasmWorkspaceType: 'developer_basic' }
    const ask = () => inAcme(() => refusalToOrder(w.userId, plan, clock.now()))
    const browser = await member('acme')
    await browser.get(`${home}/settings`)
    expect((await browser.post(`${home}/settings/limits`, { _method: 'put', workspaces: 'many', allTypes: 'on' })).status).to.equal(422)
    expect(browser.last!.body).to.contain('value="many"').and.to.contain('Enter a whole number')
    expect((await browser.post(`${home}/settings/limits`, { _method: 'put', workspaces: '1', type_business_pro: 'on', allTypes: 'on' })).status).to.equal(303)
    expect((await ask())!.code).to.equal('workspace.too-many')
    const { publicId } = await inAcme(() => Customer.findOwned<Customer>({ id: w.userId }))
    const at = `/reseller/customers/${publicId}/workspace-limits`
    expect(words((await browser.get(at)).body)).to.contain('Has 1 workspace, 0 of them running.')
    expect((await browser.post(at, { _method: 'put', own: 'on', workspaces: '2', type_developer_basic: 'on' })).status).to.equal(303)
    expect(await ask()).to.equal(null)
    expect((await browser.get(at)).body).to.match(/name="type_developer_basic" value="on" checked/)
    expect((await browser.post(at, { _method: 'put' })).status).to.equal(303)
    expect((await ask())!.code).to.equal('workspace.too-many')
    expect((await (await member('globex')).get(at)).status).to.equal(404)
    await browser.post(`${home}/settings/limits`, { _method: 'put', allTypes: 'on' })
  })

  it('tell of trouble on Discord, whose address nobody ever sees again', async () => {
    const discord = await new DiscordSimulator().start()
    try {
      const browser = await member('acme')
      await browser.get(`${home}/settings`)
      const bad = await browser.post(`${home}/settings/alerts`, { _method: 'put', webhook_secret: 'https://evil.example/api/webhooks/1/abcdef', kind_stuck: 'on' })
      expect(bad.status).to.equal(422)
      expect(bad.body).to.contain('whole address that Discord shows').and.to.not.contain('evil.example')
      expect((await browser.post(`${home}/settings/alerts`, { _method: 'put', webhook_secret: discord.url, kind_stuck: 'on', 'kind_large-cost': 'on', largeCost: '25.00' })).status).to.equal(303)
      await browser.post(`${home}/settings/alerts/test`)
      await runDueJobs()
      expect(discord.messages.map((m) => m.embeds![0]!.title)).to.deep.equal(['This is a test'])
      const page = await browser.get(`${home}/settings`)
      expect(words(page.body)).to.contain('On Discord').and.to.contain('its number ends in …0001')
      for (const place of [page.body, JSON.stringify(await inAcme(async () => [await tenantDb()('alert_channels'), await tenantDb()('events'), await tenantDb()('alerts')]))]) expect(place).to.not.contain(discord.token)
      expect((await browser.post(`${home}/settings/alerts`, { _method: 'put', email: 'ops@acme.example', kind_stuck: 'on' })).status).to.equal(303)
      expect(words((await browser.get(`${home}/settings`)).body)).to.contain('…0001')
    } finally {
      await discord.stop()
    }
  })

  it('that could not be set up are tried again, one or several, or given up with what was paid', async () => {
    const [a, b, paid] = [await inAcme(() => newFailed({ name: 'failed-a' })), await inAcme(() => newFailed({ name: 'failed-b' })), await inAcme(() => newFailed({ name: 'failed-paid' }))]
    const browser = await member('acme')
    const list = words((await browser.get(`${home}/failures`)).body)
    expect(list).to.contain('failed-a').and.to.contain('The server said: no resources.').and.to.match(/8 When you say so/)
    const preview = await browser.post(`${home}/failures/selection`, { act: 'retry', [`pick_${a.service.publicId}`]: 'on', [`pick_${b.service.publicId}`]: 'on' })
    expect(words(preview.body)).to.contain('Set up 2 workspaces').and.to.contain('The server said: no resources.')
    const form = { act: 'retry', ids: hidden(preview.body, 'ids'), formKey: hidden(preview.body, 'formKey') }
    await inAcme(async () => retryProvisioning((await Service.query().findById(b.service.id))!))
    const result = await browser.post(`${home}/failures/selection/acts`, form)
    expect(words(result.body)).to.match(/failed-a .{0,90}Being set up/).and.to.match(/failed-b .{0,90}Left alone This service is not waiting/)
    expect(words((await browser.post(`${home}/failures/selection/acts`, form)).body)).to.contain('2 workspaces left alone')
    expect([(await fresh(a.workspace.id)).status, await inAcme(async () => (await Service.query().findById(a.service.id))!.status)]).to.deep.equal(['starting', 'provisioning'])
    await inAcme(async () => {
      const { invoice } = await tenantTransaction((trx) => draftInvoice(trx, { businessKey: 'setup-fee', userId: paid.userId, kind: 'order', currency: 'USD', lines: [{ businessKey: 'setup-fee:1', kind: 'setup', serviceId: paid.service.id, amountMinor: 1500, description: 'Setting up' }] }))
      await addCredit({ userId: paid.userId, amount: Money.of(1500, 'USD'), key: 'setup-fee', description: 'Paid' })
      await issueInvoice(invoice, clock.now())
    })
    const at = `${home}/${paid.service.publicId}/end`
    expect(words((await browser.get(at)).body)).to.contain('gets back $15.00')
    expect((await browser.post(at, { reason: '' })).status).to.equal(422)
    expect((await browser.post(at, { reason: 'This size is sold out.' })).status).to.equal(303)
    expect([(await fresh(paid.workspace.id)).status, (await inAcme(() => creditBalance(paid.userId, 'USD'))).minor]).to.deep.equal(['terminating', 1500])
    expect((await browser.post(at, { reason: 'Twice' })).status).to.equal(409)
    await runDueJobs()
    expect(await inAcme(async () => tenantDb()('mail_messages').where({ user_id: paid.userId, letter: 'workspace-given-up' }).pluck('text'))).to.have.length(1)
  })

  it('have receipts for each run, and a run that ended earlier is corrected after a look at the amounts', async () => {
    const { service, workspace: w } = await workspace({ name: 'corrected' })
    const run = await inAcme(() => newRun(w, service, '2026-11-10T08:00:00Z', '2026-11-10T11:00:00Z'))
    const browser = await member('acme')
    const at = `${home}/${service.publicId}/runs/${run.id}`
    expect(words((await browser.get(at)).body)).to.contain('12 (3 h').and.to.contain('$0.45')
    expect((await browser.post(`${at}/preview`, { stoppedAt: '2026-11-10T12:00', reason: 'Crashed' })).status).to.equal(409)
    await browser.get(at)
    expect((await browser.post(`${at}/preview`, { stoppedAt: '2026-13-10T12:00', reason: 'Crashed' })).status).to.equal(422)
    const preview = words((await browser.post(`${at}/preview`, { stoppedAt: '2026-11-10T09:00:00', reason: 'Crashed' })).body)
    expect(preview).to.contain('$0.45').and.to.contain('$0.15').and.to.contain('on no paid or open invoice')
    expect((await inAcme(async () => (await UsageSession.query().findById(run.id))!)).durationBillableSeconds).to.equal(10_800)
    expect((await browser.post(`${at}/correction`, { stoppedAt: '2026-11-10T09:00:00', reason: 'Crashed' })).status).to.equal(303)
    expect((await inAcme(async () => (await UsageSession.query().findById(run.id))!)).durationBillableSeconds).to.equal(3600)
    expect(words((await browser.get(at)).body)).to.contain('end moved from').and.to.contain('Run corrected')
    const other = await workspace({})
    expect((await browser.get(`${home}/${other.service.publicId}/runs/${run.id}`)).status).to.equal(404)
    const support = await member('acme', 'support')
    expect((await support.get(at)).body).to.not.contain('Correct the end')
    expect((await support.post(`${at}/correction`, { stoppedAt: '2026-11-10T08:30:00', reason: 'Crashed' })).status).to.equal(409)
  })

  it('have prices whose margins are exact, with a warning below cost', async () => {
    const browser = await member('acme')
    expect(words((await browser.get(`${home}/prices`)).body)).to.contain('Developer Basic 2 vCPU, 4 GB RAM $0.15/h $0.105/h $0.045/h 30 %')
    await inAcme(async () => { await Plan.query().patch({ priceMicros: 104_999 }).where({ slug: 'developer_basic' }) })
    const page = words((await browser.get(`${home}/prices`)).body)
    expect(page).to.contain('1 type cost you more').and.to.contain('-$0.000001/h').and.to.contain('Below cost')
    await inAcme(async () => { await Plan.query().patch({ priceMicros: 150_000 }).where({ slug: 'developer_basic' }) })
    const action = /action="(\/reseller\/products\/[a-z0-9]+\/plans\/[a-z0-9]+\/preview)"/.exec((await browser.get(`${home}/prices`)).body)![1]!
    expect(words((await browser.post(action, { price: '0.10', setup: '0.00', version: /name="version" value="(\d+)"/.exec(browser.last!.body)![1]!, who: 'new' })).body)).to.match(/less than you pay|below/i)
  })
})
