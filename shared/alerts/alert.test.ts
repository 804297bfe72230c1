import { expect } from 'chai'
import fc from 'fast-check'
import { config, overrideConfig } from '../config.js'
import { tenantTransaction } from '../database/transaction.js'
import { DiscordSimulator } from '../simulators/discord.js'
import { checkMessage } from '../simulators/discord-limits.js'
import { useWorld } from '../testing/world.js'
import { alert, alertsSettled } from './alert.js'
import { DiscordQueue, webhookId } from './discord.js'
import { fit, sizeOf, takeBatch, toEmbed } from './embed.js'

describe('alerts to Discord', () => {
  const world = useWorld()
  let discord: DiscordSimulator
  beforeEach(async () => {
    discord = await new DiscordSimulator().start()
    overrideConfig({ ALERT_WEBHOOK_URL: discord.url })
  })
  afterEach(async () => {
    overrideConfig({ ALERT_WEBHOOK_URL: undefined })
    await discord.stop()
  })
  const tell = (title: string) => alert({ level: 'error', title, message: 'Something broke', fields: { tenant: 'acme', attempts: 3 } })

  it('say what is wrong and mention nobody', async () => {
    await alert({ level: 'warning', title: 'Look', message: '@everyone [click](https://evil.example) **now**', fields: { tenant: 'acme' } })
    await alertsSettled()
    const [message] = discord.messages
    expect(message!.allowed_mentions).to.deep.equal({ parse: [] })
    expect(message!.embeds![0]).to.deep.include({ title: 'Look', color: 0xca8a04, description: '@everyone \\[click\\]\\(https://evil.example\\) \\*\\*now\\*\\*' })
    expect(message!.embeds![0]!.fields).to.deep.equal([{ name: 'tenant', value: 'acme', inline: true }])
  })

  it('that come together share one message', async () => {
    for (let n = 0; n < 12; n++) await tell(`alert ${n}`)
    await alertsSettled()
    expect(discord.messages.map((m) => m.embeds!.length)).to.deep.equal([10, 2])
  })

  it('wait as long as Discord says and arrive once each', async () => {
    discord.allowance = 1
    discord.retryAfter = 0.2
    for (let n = 0; n < 25; n++) await tell(`alert ${n}`)
    const began = Date.now()
    await alertsSettled()
    expect(discord.messages.flatMap((m) => m.embeds!.map((e) => e.title))).to.deep.equal(Array.from({ length: 25 }, (_, n) => `alert ${n}`))
    expect(Date.now() - began).to.be.at.least(400)
  })

  it('are sent again after a 429, no sooner than it asked', async () => {
    discord.allowance = 0
    discord.retryAfter = 0.3
    await tell('late')
    setTimeout(() => (discord.allowance = null), 100)
    const began = Date.now()
    await alertsSettled()
    expect(discord.answers).to.deep.equal([429, 200])
    expect(Date.now() - began).to.be.at.least(300)
  })

  it('survive an outage with pages instead of JSON', async () => {
    discord.outage = 1
    const queue = new DiscordQueue(discord.url, 10)
    queue.push(toEmbed({ level: 'error', title: 'x', message: 'y' }, new Date()))
    await queue.settled()
    expect(discord.answers).to.deep.equal([502, 200])
  })

  it('are given up after five tries, and the next one is tried afresh', async () => {
    discord.outage = true
    const queue = new DiscordQueue(discord.url, 5)
    queue.push(toEmbed({ level: 'error', title: 'lost', message: 'y' }, new Date()))
    await queue.settled()
    expect(discord.answers).to.deep.equal([502, 502, 502, 502, 502])
    discord.outage = false
    queue.push(toEmbed({ level: 'error', title: 'next', message: 'y' }, new Date()))
    await queue.settled()
    expect(discord.messages.map((m) => m.embeds![0]!.title)).to.deep.equal(['next'])
  })

  it('never call a deleted webhook a second time', async () => {
    discord.deleted = true
    await tell('one')
    await alertsSettled()
    await tell('two')
    await alertsSettled()
    expect(discord.answers).to.deep.equal([404])
  })

  it('stop at a wrong token', async () => {
    const queue = new DiscordQueue(discord.url.replace(discord.token, 'wrong-token'), 5)
    for (const title of ['one', 'two']) {
      queue.push(toEmbed({ level: 'info', title, message: 'y' }, new Date()))
      await queue.settled()
    }
    expect(discord.answers).to.deep.equal([401])
    expect(queue.disabled).to.contain('401')
  })

  it('leave only after the commit, and never after a rollback', async () => {
    await world.as(world.acme, () => tenantTransaction(async () => {
      await tell('kept')
      await alertsSettled()
      expect(discord.answers).to.deep.equal([])
    }))
    await world.as(world.acme, () => tenantTransaction(async () => {
      await tell('dropped')
      throw new Error('no')
    })).catch(() => undefined)
    await alertsSettled()
    expect(discord.messages.map((m) => m.embeds![0]!.title)).to.deep.equal(['kept'])
  })

  it('do not disturb whoever raised them when Discord is unreachable', async () => {
    overrideConfig({ ALERT_WEBHOOK_URL: 'not a webhook' })
    await tell('nowhere')
    await alertsSettled()
  })
})

describe('an alert', () => {
  const text = fc.string({ unit: 'binary', maxLength: 9000 })
  it('always fits what Discord takes, whatever it says', () => {
    fc.assert(fc.property(text, text, fc.dictionary(fc.string({ maxLength: 400 }), text, { maxKeys: 40 }), (title, message, fields) => {
      const embed = toEmbed({ level: 'error', title, message, fields }, new Date())
      expect(checkMessage({ embeds: [embed] })).to.equal(undefined)
    }), { numRuns: 150 })
  })
  it('is cut by code points and never in the middle of an escape', () => {
    expect(fit('🙂'.repeat(300), 256)).to.equal('🙂'.repeat(255) + '…')
    expect(fit('*'.repeat(10), 6)).to.equal('\\*\\*…')
    expect(fit('   ', 10)).to.equal('–')
  })
  it('goes with as many others as fit into 6,000 characters', () => {
    const embeds = Array.from({ length: 4 }, () => toEmbed({ level: 'info', title: 't', message: 'x'.repeat(2500) }, new Date()))
    expect(sizeOf(embeds[0]!)).to.equal(2501)
    expect(takeBatch(embeds)).to.have.length(2)
  })
  it('goes to Discord webhooks only', () => {
    const before = config().ALLOW_PRIVATE_OUTSIDE
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: false })
    for (const good of ['https://discord.com/api/webhooks/1/a-b_C', 'https://canary.discord.com/api/v10/webhooks/12/x', 'https://discordapp.com/api/webhooks/1/x']) expect(webhookId(good), good).to.match(/^\d+$/)
    const bad = ['http://discord.com/api/webhooks/1/x', 'https://discord.com.evil.example/api/webhooks/1/x', 'https://evil.example/api/webhooks/1/x', 'https://discord.com/api/webhooks/1/x/../../users', 'http://127.0.0.1:80/api/webhooks/1/x', 'https://discord.com@evil.example/api/webhooks/1/x']
    for (const url of bad) expect(webhookId(url), url).to.equal(null)
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: before })
  })
})
