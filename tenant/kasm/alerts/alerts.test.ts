import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { FormErrors } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { DiscordSimulator } from '../../../shared/simulators/discord.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import '../../reactions.js'
import { UsageSession } from '../metering/usage-session.js'
import { useKasmWorld } from '../../testing/kasm-world.js'
import type { AlertKind } from './alert-channel.js'
import { ShopAlert, waitAfter } from './alert.js'
import { forgetAlerts } from './forget-alerts.js'
import './jobs.js'
import { postAlerts } from './post-alerts.js'
import { raiseAlert } from './raise-alert.js'
import { saveChannel } from './save-channel.js'
import { watchCosts } from './watch-costs.js'

describe('A shop’s own alerts', function () {
  this.timeout(60_000)
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => Promise<T>): Promise<T> => world.as(world.acme, fn)
  let discord: DiscordSimulator
  beforeEach(async () => { discord = await new DiscordSimulator().start() })
  afterEach(() => discord.stop())

  const listen = (kinds: AlertKind[], more: { email?: string; largeCostMinor?: number } = {}) =>
    inAcme(() => saveChannel({ webhook: discord.url, email: null, largeCostMinor: null, kinds, ...more }))
  const news = { kind: 'stuck', subject: 'workspace:1', level: 'warning', title: 'It waits', message: 'For its server.' } as const
  const alerts = () => inAcme(async () => await ShopAlert.query().orderBy('id'))
  const titles = () => discord.messages.map((m) => m.embeds![0]!.title)

  it('come to Discord and by mail when a workspace cannot be set up, with its facts, and mention nobody', async () => {
    await listen(['setup-failed'], { email: 'ops@acme.example' })
    const bought = await world.order()
    await inAcme(() => tenantTransaction(async () => record('service.provisioning-failed', bought.workspace, { reason: 'All servers are full.', attempts: 8 }, { userId: bought.workspace.userId })))
    await runDueJobs()
    const [message] = discord.messages
    expect(message!.allowed_mentions).to.deep.equal({ parse: [] })
    expect(message!.embeds![0]).to.deep.include({ title: 'A workspace could not be set up' })
    expect(message!.embeds![0]!.description).to.match(/^All servers are full\\?\. It waits for a person/)
    expect(message!.embeds![0]!.fields!.map((f) => f.name)).to.include.members(['workspace', 'customer', 'tries'])
    expect(await inAcme(async () => tenantDb()('mail_messages').where({ letter: 'shop-alert' }).pluck('to_email'))).to.deep.equal(['ops@acme.example'])
    expect((await alerts())[0]).to.include({ postStatus: 'posted', href: `/workspaces/${bought.service.publicId}` })
  })

  it('are forgotten after sixty days, but for what still waits to be posted', async () => {
    const at = (days: number, more = 0) => new Date(clock.now().getTime() - days * 86_400_000 - more)
    const told = (subject: string, raisedAt: Date, postStatus: ShopAlert['postStatus']) =>
      inAcme(async () => void (await ShopAlert.query().insert({ ...news, subject, fields: {}, raisedAt, postStatus })))
    for (const status of ['none', 'posted', 'given-up', 'off'] as const) await told(`old-${status}`, at(60, 1), status)
    await told('waits', at(400), 'waiting')
    await told('young', at(60), 'posted')
    await inAcme(() => forgetAlerts(clock.now()))
    expect((await alerts()).map((a) => a.subject)).to.deep.equal(['waits', 'young'])
  })

  it('of one subject come once an hour, also when six workers see it at the same moment; other subjects are not held back', async () => {
    await listen(['stuck'])
    const raise = (subject: string = news.subject) => inAcme(() => raiseAlert({ ...news, subject }, clock.now()))
    expect((await Promise.all(Array.from({ length: 6 }, () => raise()))).filter(Boolean)).to.have.length(1)
    expect(await raise('workspace:2')).to.equal(true)
    await world.later(3599)
    expect(await raise()).to.equal(false)
    await world.later(1)
    expect((await Promise.all(Array.from({ length: 6 }, () => raise()))).filter(Boolean)).to.have.length(1)
    await runDueJobs()
    expect(discord.messages).to.have.length(3)
  })

  it('tell of a budget that stopped one workspace, and of one of all workspaces of a customer', async () => {
    await listen(['budget'])
    const { workspace } = await world.order()
    await inAcme(() => tenantTransaction(async () => {
      await record('workspace.budget-stopped', workspace, {}, { userId: workspace.userId })
      await record('workspace.budget-stopped', { type: 'kasm_workspaces', id: null }, {}, { userId: workspace.userId })
    }))
    await runDueJobs()
    expect((await alerts()).map((a) => a.subject)).to.deep.equal([`budget:workspace:${workspace.id}`, `budget:customer:${workspace.userId}`])
  })

  it('of kinds that nobody asked for are not written at all', async () => {
    await listen(['stuck'])
    expect(await inAcme(() => raiseAlert({ ...news, kind: 'budget' }))).to.equal(false)
    expect(await alerts()).to.deep.equal([])
  })

  it('hold nobody up while Discord is away, and arrive once when it is back', async () => {
    await listen(['stuck'])
    discord.outage = true
    const before = discord.answers.length
    expect(await inAcme(() => raiseAlert(news))).to.equal(true)
    expect(discord.answers.length).to.equal(before)
    await runDueJobs()
    expect((await alerts())[0]).to.include({ postStatus: 'waiting', postAttempts: 1, lastError: 'Discord answered 502.' })
    discord.outage = false
    await world.later(14)
    await inAcme(() => postAlerts(clock.now()))
    expect(titles()).to.deep.equal([])
    await world.later(1)
    await Promise.all([1, 2, 3].map(() => inAcme(() => postAlerts(clock.now()))))
    expect(titles()).to.deep.equal(['It waits'])
  })

  it('are given up after ten tries', async () => {
    await listen(['stuck'])
    discord.outage = true
    await inAcme(() => raiseAlert(news))
    for (let n = 0; n < 12; n++) {
      await world.later(7200)
      await inAcme(() => postAlerts(clock.now()))
    }
    expect((await alerts())[0]).to.include({ postStatus: 'given-up', postAttempts: 10, nextAttemptAt: null })
    expect([waitAfter(1), waitAfter(9), waitAfter(10)]).to.deep.equal([15, 7200, null])
  })

  it('never call a deleted webhook a second time; a new one begins afresh', async () => {
    await listen(['stuck'])
    discord.deleted = true
    await inAcme(() => raiseAlert(news))
    await runDueJobs()
    expect(await inAcme(() => raiseAlert({ ...news, subject: 'workspace:2' }))).to.equal(false)
    expect(discord.answers).to.deep.equal([404])
    discord.deleted = false
    await listen(['stuck'])
    expect(await inAcme(() => raiseAlert({ ...news, subject: 'workspace:3' }))).to.equal(true)
    await runDueJobs()
    expect(discord.answers).to.deep.equal([404, 200])
  })

  it('go to Discord only, and the address lies sealed in the database', async () => {
    for (const bad of ['https://evil.example/api/webhooks/1/x', 'http://169.254.169.254/latest', 'https://discord.com@evil.example/api/webhooks/1/x']) {
      const error = await inAcme(() => saveChannel({ webhook: bad, email: null, kinds: ['stuck'], largeCostMinor: null })).catch((e: unknown) => e)
      expect((error as FormErrors).fields, bad).to.have.property('webhook_secret')
    }
    await listen(['stuck'])
    const row = await inAcme(async () => tenantDb()('alert_channels').first())
    const events = await inAcme(async () => tenantDb()('events'))
    expect(JSON.stringify([row, events])).to.not.contain(discord.token)
  })

  it('tell of a run that costs more than the shop wants to know of, once a day', async () => {
    const { workspace } = await world.order()
    const startedAt = clock.now()
    await inAcme(async () => {
      await UsageSession.query().insert({ kasmWorkspaceId: workspace.id, kasmSessionId: 'a', startedAt, lastSeenAt: startedAt, costPerHourMicros: 200_000, currency: 'USD', startedBy: 'customer' })
    })
    await listen(['large-cost'], { largeCostMinor: 10 })
    const look = (minutes: number) => inAcme(async () => {
      setClock(new Date(startedAt.getTime() + minutes * 60_000))
      await UsageSession.query().patch({ lastSeenAt: clock.now() })
      await watchCosts(clock.now())
      await postAlerts(clock.now())
    })
    await look(15)
    expect(await alerts()).to.deep.equal([])
    await look(16)
    await look(16 + 3 * 60)
    const [alert] = await alerts()
    expect(alert!.kind).to.equal('large-cost')
    expect(alert!.message).to.contain('$0.10')
    expect(discord.messages).to.have.length(1)
    await look(16 + 24 * 60)
    expect(discord.messages).to.have.length(2)
  })

  it('know nothing of another shop’s channel', async () => {
    await listen(['stuck'])
    expect(await world.as(world.globex, () => raiseAlert(news))).to.equal(false)
  })
})
