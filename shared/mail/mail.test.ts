import { expect } from 'chai'
import { overrideConfig } from '../config.js'
import { centralDb } from '../database/central-database.js'
import { tenantDb } from '../database/tenant-database.js'
import { tenantTransaction } from '../database/transaction.js'
import { Refusal } from '../errors.js'
import { runDueJobs } from '../jobs/run-due-jobs.js'
import { SmtpCatcher } from '../simulators/smtp.js'
import { runInCentral } from '../tenancy/context.js'
import { setClock, useWorld } from '../testing/world.js'
import { registerAttachment } from './attachments.js'
import { send, type Letter } from './compose.js'
import { claimMs, deliverPending, retryMs } from './deliver.js'
import { registerLetter } from './letter.js'
import { closeSmtp, deliverBySmtp } from './smtp.js'

type Row = Record<string, unknown>
for (const scope of ['tenant', 'central'] as const) {
  registerLetter({ name: 'mail-test', subject: (data, brand) => `${String(data['heading'])} from ${brand.name}`, view: `${scope}/mail/notice`, preview: () => ({ heading: 'Hello', paragraphs: ['A line'] }) })
}
registerLetter({ name: 'mail-secret', subject: 'Your link', view: 'tenant/mail/notice', secret: true, preview: () => ({}) })
let pdfFails = 0
registerAttachment('mail-test-pdf', async (id) => {
  if (pdfFails-- > 0) throw new Error('no browser')
  return { filename: `invoice-${id}.pdf`, contentType: 'application/pdf', content: Buffer.from(`%PDF ${id}`) }
})

describe('mail', () => {
  const world = useWorld()
  let smtp: SmtpCatcher
  const letter = (more: Partial<Letter> = {}): Letter => ({ name: 'mail-test', to: { email: 'ada@example.com', name: 'Ada Lovelace', userId: 4 }, key: 'k:1', data: { heading: 'Hello', paragraphs: ['Your workspace <b>runs</b>.'], button: { href: 'http://acme.localhost:3000/services', label: 'Open' } }, ...more })
  const asAcme = <T>(fn: () => Promise<T>) => world.as(world.acme, fn)
  const row = async (): Promise<Row> => asAcme(async () => await tenantDb()('mail_messages').orderBy('id', 'desc').first() as Row)

  before(async () => {
    smtp = await new SmtpCatcher().start()
    overrideConfig({ SMTP_URL: smtp.url })
  })
  after(async () => {
    closeSmtp()
    await smtp.stop()
  })
  beforeEach(async () => {
    setClock('2026-11-10T12:00:00Z')
    smtp.clear()
    pdfFails = 0
    await world.clean()
  })

  it('goes out after the commit, in the name of the shop, as HTML and text', async () => {
    await asAcme(() => tenantTransaction(() => send(letter())))
    expect(smtp.mails).to.have.length(0)
    await runDueJobs()
    const mail = smtp.latestTo('ada@example.com')
    expect(mail).to.deep.include({ subject: 'Hello from Acme Hosting', from: '"Acme Hosting" <no-reply@acme.localhost>', to: '"Ada Lovelace" <ada@example.com>', replyTo: 'help@acme.example' })
    expect(mail.html).to.contain('Your workspace &lt;b&gt;runs&lt;/b&gt;.').and.to.match(/<h1[^>]*>Hello/)
    expect(mail.text).to.contain('Your workspace <b>runs</b>.').and.to.contain('http://acme.localhost:3000/services')
    expect(await row()).to.include({ status: 'sent', user_id: 4, attempts: 1 })
    expect((await row())['html']).to.contain('runs')
  })

  it('of a shop says nowhere who runs the platform', async () => {
    await asAcme(() => send(letter()))
    await runDueJobs()
    const { raw } = smtp.latestTo('ada@example.com')
    expect(raw).to.not.match(/ezscale/i)
    expect(raw).to.not.match(/nodemailer/i)
  })

  it('of the platform goes out in its own name', async () => {
    await runInCentral(() => send({ ...letter(), to: { email: 'owner@acme.example', name: 'Owner', tenantId: 1 } }))
    await runDueJobs()
    expect(smtp.latestTo('owner@acme.example')).to.deep.include({ subject: 'Hello from EZSCALE', from: '"EZSCALE" <no-reply@ezscale.localhost>' })
    expect(await centralDb()('mail_messages').first() as Row).to.include({ tenant_id: 1, status: 'sent' })
  })

  it('is not written when the transaction is rolled back', async () => {
    await asAcme(() => tenantTransaction(async () => {
      await send(letter())
      throw new Error('no')
    })).catch(() => undefined)
    await runDueJobs()
    expect(await row()).to.equal(undefined)
    expect(smtp.mails).to.have.length(0)
  })

  it('with the same business key is written and sent once, however often it is asked for', async () => {
    await Promise.all([1, 2, 3].map(() => asAcme(() => tenantTransaction(() => send(letter())))))
    await asAcme(() => send(letter()))
    await runDueJobs()
    expect(smtp.mails).to.have.length(1)
    await world.as(world.globex, () => send(letter()))
    await runDueJobs()
    expect(smtp.mails).to.have.length(2)
  })

  it('is tried again after a passing refusal, under the same Message-ID', async () => {
    smtp.faults = [{ answer: 451, times: 1 }, { answer: 'drop-after-data', times: 1 }]
    await asAcme(() => send(letter()))
    await runDueJobs()
    expect(await row()).to.include({ status: 'waiting', attempts: 1 })
    expect(((await row())['next_attempt_at'] as Date).toISOString()).to.equal('2026-11-10T12:01:00.000Z')
    setClock('2026-11-10T12:01:00Z')
    await asAcme(() => deliverPending())
    expect(smtp.mails).to.have.length(1)
    expect(await row()).to.include({ status: 'waiting', attempts: 2 })
    setClock('2026-11-10T12:03:00Z')
    await asAcme(() => deliverPending())
    expect(await row()).to.include({ status: 'sent', attempts: 3 })
    expect(new Set(smtp.mails.map((mail) => mail.messageId)).size).to.equal(1)
    expect(smtp.mails[0]!.messageId).to.match(/^<[0-9a-f]{32}@acme\.localhost>$/)
  })

  it('to an address that the server refuses for good is marked as bounced and not tried again', async () => {
    smtp.faults = [{ answer: 550, at: 'recipient', to: 'ada' }]
    await asAcme(() => send(letter()))
    await runDueJobs()
    expect(await row()).to.include({ status: 'bounced' })
    const event = await asAcme(async () => await tenantDb()('events').where({ type: 'mail.bounced' }).first() as Row)
    expect(event['subject_type']).to.equal('mail_messages')
    setClock('2026-11-11T12:00:00Z')
    smtp.faults = []
    expect(await asAcme(() => deliverPending())).to.equal(0)
    expect(smtp.mails).to.have.length(0)
  })

  it('waits while the mail server is down, and goes out when it is back', async () => {
    const away = await new SmtpCatcher().start()
    overrideConfig({ SMTP_URL: away.url })
    await away.stop()
    for (const key of ['k:1', 'k:2', 'k:3']) await asAcme(() => send(letter({ key })))
    await runDueJobs()
    const attempts = await asAcme(async () => await tenantDb()('mail_messages').orderBy('id').pluck('attempts') as number[])
    expect(attempts).to.deep.equal([1, 0, 0])
    overrideConfig({ SMTP_URL: smtp.url })
    setClock('2026-11-10T12:01:00Z')
    expect(await asAcme(() => deliverPending())).to.equal(3)
    expect(smtp.mails).to.have.length(3)
  })

  it('is tried for three days, then given up', async () => {
    let total = 0
    for (let attempt = 1; attempt < 25; attempt++) total += retryMs(attempt)
    expect(total / 3_600_000).to.be.within(68, 76)
    smtp.faults = [{ answer: 451 }]
    await asAcme(() => send(letter()))
    await asAcme(async () => await tenantDb()('mail_messages').update({ attempts: 24 }))
    await asAcme(() => deliverPending())
    expect(await row()).to.include({ status: 'failed', attempts: 25 })
  })

  it('claimed by a worker that died is sent again, but only after its time is over', async () => {
    await asAcme(() => send(letter()))
    await asAcme(async () => await tenantDb()('mail_messages').update({ status: 'sending', claimed_at: new Date('2026-11-10T12:00:00Z'), attempts: 1 }))
    expect(await asAcme(() => deliverPending())).to.equal(0)
    setClock(new Date(Date.parse('2026-11-10T12:00:00Z') + claimMs))
    expect(await asAcme(() => deliverPending())).to.equal(1)
  })

  it('is sent once by two workers at the same time', async () => {
    for (let n = 0; n < 6; n++) await asAcme(() => send(letter({ key: `k:${n}` })))
    await Promise.all([1, 2, 3].map(() => asAcme(() => deliverPending())))
    expect(smtp.mails).to.have.length(6)
  })

  it('makes its attachments when it is sent, and waits when that fails', async () => {
    pdfFails = 1
    await asAcme(() => send(letter({ attachments: [{ kind: 'mail-test-pdf', id: 42 }] })))
    await runDueJobs()
    expect(await row()).to.include({ status: 'waiting', error: 'no browser' })
    setClock('2026-11-10T12:01:00Z')
    await asAcme(() => deliverPending())
    const [attachment] = smtp.latestTo('ada@example.com').attachments
    expect(attachment).to.deep.include({ filename: 'invoice-42.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF 42') })
  })

  it('with a one-time link keeps no copy of it once it was sent', async () => {
    await asAcme(() => send(letter({ name: 'mail-secret', data: { heading: 'Link', paragraphs: ['one-time-token-123'] } })))
    expect((await row())['html']).to.contain('one-time-token-123')
    await runDueJobs()
    expect(smtp.latestTo('ada@example.com').text).to.contain('one-time-token-123')
    expect(await row()).to.include({ status: 'sent', html: '', text: '' })
  })

  it('refuses anything that is not exactly one address', async () => {
    const bad = ['a@x.test, b@x.test', 'a@x.test;b@x.test', 'a@x.test\r\nBcc: b@x.test', 'Ada <a@x.test>', '"a b"@x.test', '@x.test', 'a@', 'a', '', '(c)a@x.test', `${'('.repeat(1_000_000)}@x.test`, `a@${'x'.repeat(64)}.test`, 'a@x..test']
    for (const email of bad) {
      const began = Date.now()
      const error = await asAcme(() => send(letter({ to: { email, name: 'x' } }))).catch((thrown: unknown) => thrown)
      expect(error, email.slice(0, 40)).to.be.instanceOf(Refusal)
      expect(Date.now() - began).to.be.lessThan(500)
    }
    expect(await row()).to.equal(undefined)
  })

  it('keeps header lines out of names and subjects', async () => {
    await asAcme(() => send(letter({ to: { email: 'ada@example.com', name: 'Ada\r\nBcc: evil@example.com' }, data: { heading: 'Hi\r\nBcc: evil@example.com\r\n\r\nbody', paragraphs: [] } })))
    await runDueJobs()
    const mail = smtp.latestTo('ada@example.com')
    expect(mail.envelope.to).to.deep.equal(['ada@example.com'])
    expect(mail.raw.split('\r\n\r\n')[0]).to.not.match(/^bcc:/im)
    expect(mail.subject).to.equal('Hi Bcc: evil@example.com body from Acme Hosting')
  })

  it('is sent as the reseller only from the domain of its shop', async () => {
    const from = async (fromEmail: string) => {
      const tenant = { ...world.acme, brand: { ...world.acme.brand, fromEmail } }
      await world.clean()
      smtp.clear()
      await world.as(tenant, async () => {
        await send(letter())
        await deliverPending()
      })
      return { from: smtp.mails[0]!.from, envelope: smtp.mails[0]!.envelope.from }
    }
    expect(await from('hello@acme.localhost')).to.deep.equal({ from: '"Acme Hosting" <hello@acme.localhost>', envelope: 'hello@acme.localhost' })
    expect(await from('president@whitehouse.example')).to.deep.equal({ from: '"Acme Hosting" <no-reply@acme.localhost>', envelope: 'no-reply@ezscale.localhost' })
  })

  it('is never spoken to the server inside a transaction', async () => {
    const error = await asAcme(() => tenantTransaction(() => deliverBySmtp({
      messageId: 'x@y', envelopeFrom: 'a@x.test', from: { email: 'a@x.test', name: '' }, to: { email: 'b@x.test', name: '' }, replyTo: null, subject: '', html: '', text: '', attachments: [],
    }))).catch((thrown: Error) => thrown.message)
    expect(error).to.contain('inside a transaction')
  })
})
