import { expect } from 'chai'
import { Router } from 'express'
import { overrideConfig } from '../config.js'
import { createApp } from '../http/app.js'
import { send } from '../mail/compose.js'
import { registerLetter } from '../mail/letter.js'
import { letterPreviews } from '../mail/previews.js'
import { closeSmtp } from '../mail/smtp.js'
import { runDueJobs } from '../jobs/run-due-jobs.js'
import { useServer } from '../testing/browser.js'
import { useWorld } from '../testing/world.js'
import { mailCatcher } from './mail-catcher.js'
import { SmtpCatcher } from './smtp.js'

registerLetter({ name: 'catcher-test', subject: 'A letter to look at', view: 'tenant/mail/notice', preview: () => ({ heading: 'Made-up heading', paragraphs: ['Made-up line'] }) })

describe('caught mail in the browser', () => {
  const world = useWorld()
  const smtp = new SmtpCatcher()
  const routes = () => Router().use(mailCatcher(smtp), letterPreviews())
  const server = useServer(() => {
    world.directory.hosts.set('admin.ezscale.localhost', { kind: 'console' })
    return createApp({ tenantApp: routes(), consoleApp: routes(), platformApp: routes() })
  })
  const get = (path: string, host = 'acme.localhost') => server.browser(host).get(path)
  before(async () => {
    await smtp.start()
    overrideConfig({ SMTP_URL: smtp.url })
    for (const tenant of [world.acme, world.globex]) await world.as(tenant, () => send({ name: 'catcher-test', to: { email: `ada@${tenant.slug}.test`, name: 'Ada' }, key: 'catcher:1', data: { heading: 'Hello <script>', paragraphs: ['Line'] } }))
    await runDueJobs()
  })
  after(async () => {
    closeSmtp()
    await smtp.stop()
  })

  it('lists on a shop only what that shop has sent, and everything on the console', async () => {
    const acme = (await get('/mail')).body
    expect(acme).to.contain('ada@acme.test').and.not.to.contain('ada@globex.test')
    expect((await get('/mail', 'admin.ezscale.localhost')).body).to.contain('ada@acme.test').and.to.contain('ada@globex.test')
  })

  it('shows a letter in a frame that may run nothing', async () => {
    const id = smtp.latestTo('ada@acme.test').id
    const page = await get(`/mail/${id}`)
    expect(page.status).to.equal(200)
    expect(page.body).to.contain(`src="/mail/${id}/html"`).and.to.contain('sandbox="allow-popups')
    expect(page.headers['content-security-policy']).to.contain(`frame-src http://acme.localhost:${server.port}`)
    const frame = await get(`/mail/${id}/html`)
    expect(frame.body).to.contain('Hello &lt;script&gt;')
    expect(frame.headers['content-security-policy']).to.match(/sandbox/).and.not.to.contain('script-src')
    expect(frame.headers['x-frame-options']).to.equal('SAMEORIGIN')
  })

  it('shows the text and the raw message', async () => {
    const id = smtp.latestTo('ada@acme.test').id
    expect((await get(`/mail/${id}?as=text`)).body).to.contain('Hello &lt;script&gt;')
    expect((await get(`/mail/${id}?as=raw`)).body).to.contain('Message-ID: &lt;')
  })

  it('does not show one shop the letter of another', async () => {
    const id = smtp.latestTo('ada@globex.test').id
    for (const path of [`/mail/${id}`, `/mail/${id}/html`, `/mail/${id}/attachments/0`]) expect((await get(path)).status, path).to.equal(404)
  })

  it('is there as JSON for programs', async () => {
    const [mail] = JSON.parse((await get('/mail.json')).body) as Array<{ subject: string; envelope: { to: string[] } }>
    expect(mail).to.deep.include({ subject: 'A letter to look at' })
    expect(mail!.envelope.to).to.deep.equal(['ada@acme.test'])
  })

  it('shows every letter with made-up data, in the brand of the shop', async () => {
    expect((await get('/letters')).body).to.contain('/letters/catcher-test')
    const html = (await get('/letters/catcher-test/html', 'globex.localhost')).body
    expect(html).to.contain('Made-up line').and.to.contain('Globex Hosting')
    expect((await get('/letters/catcher-test?as=text')).body).to.contain('Made-up heading')
    expect((await get('/letters/nothing')).status).to.equal(404)
  })

  it('keeps letters of shops off the console', async () => {
    expect((await get('/letters', 'admin.ezscale.localhost')).body).to.not.contain('/letters/catcher-test"')
  })
})
