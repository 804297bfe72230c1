import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../shared/http/app.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { forgetBlocked } from '../../shared/http/rate-limit.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { Browser, useServer, type Answer } from '../../shared/testing/browser.js'
import { useWorld } from '../../shared/testing/world.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { tenantApp } from '../app.js'

const ada = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'seven green umbrellas', country: 'GB' }

describe('an account at a shop', () => {
  const world = useWorld()
  const server = useServer(() => createApp({ tenantApp, consoleApp: Router(), platformApp: Router() }))
  const browser = (host = 'acme.localhost'): Browser => server.browser(host)
  beforeEach(async () => {
    await world.clean()
    forgetBlocked()
  })

  const rows = <T>(table: string, tenant: Tenant = world.acme): Promise<T[]> => world.as(tenant, () => tenantDb()(table).select().orderBy('id') as unknown as Promise<T[]>)
  const letters = async (tenant: Tenant = world.acme) => {
    await runDueJobs()
    return rows<{ letter: string; to_email: string; html: string; text: string }>('mail_messages', tenant)
  }
  /** Path of the link in the newest letter of this name. */
  const link = async (name: string, tenant?: Tenant): Promise<string> => {
    const letter = (await letters(tenant)).filter((l) => l.letter === name).at(-1)
    const found = /https?:\/\/[^/"]+(\/(?:verify-email|password\/reset)\/[\w-]+)/.exec(letter?.html ?? '')
    if (!found?.[1]) throw new Error(`no link in ${name}`)
    return found[1]
  }
  const signUp = async (b: Browser, who: Record<string, string> = ada): Promise<Answer> => b.fill('/sign-up', who)
  /** An account with a confirmed address, signed in. */
  const member = async (b = browser()): Promise<Browser> => {
    await signUp(b)
    await b.fill(await link('confirm-address', b.host === 'acme.localhost' ? world.acme : world.globex), {})
    return b
  }
  const signIn = (b: Browser, password = ada.password, email = ada.email): Promise<Answer> => b.fill('/sign-in', { email, password })

  describe('signing up', () => {
    it('sends a letter, and the link in it opens the account in the browser that asked', async () => {
      const b = browser()
      expect((await signUp(b)).body).to.contain('Check your inbox').and.to.contain('ada@example.com')
      const path = await link('confirm-address')
      expect((await b.get(path)).body).to.contain('One click and your account is ready')
      expect((await rows<{ email_verified_at: Date | null }>('users'))[0]?.email_verified_at, 'looking confirms nothing').to.equal(null)
      const done = await b.post(path)
      expect([done.status, done.headers.location]).to.deep.equal([303, '/account'])
      expect((await b.follow()).body).to.contain('Hello, Ada Lovelace').and.to.contain('Start your first workspace')
    })

    it('keeps the country, guesses the time zone, and stores the password as argon2id', async () => {
      await signUp(browser(), { ...ada, country: 'JP' })
      const [user] = await rows<Record<string, unknown>>('users')
      expect(user).to.include({ country: 'JP', time_zone: 'Asia/Tokyo', currency: 'USD', status: 'active' })
      expect(String(user?.['password_hash'])).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    })

    it('comes back to where the customer was going', async () => {
      const b = browser()
      await b.get('/sign-up?next=%2Forder%2Fdeveloper-basic')
      await b.post('/sign-up', { ...ada, next: '/order/developer-basic' })
      expect((await b.fill(await link('confirm-address'), {})).headers.location).to.equal('/order/developer-basic')
    })

    it('asks for the password when the link is opened in another browser, so that nobody confirms an account that a stranger opened with their address', async () => {
      await signUp(browser())
      const path = await link('confirm-address')
      const other = browser()
      expect((await other.get(path)).body).to.contain('Enter the password you chose')
      expect((await other.post(path)).status).to.equal(422)
      expect((await other.post(path, { password: 'not the password' })).status).to.equal(422)
      expect((await other.post(path, { password: ada.password })).status).to.equal(303)
      expect((await other.get('/account')).status).to.equal(200)
    })

    it('answers the same whether the address has an account or not; only its owner is told', async () => {
      await member()
      const [known, unknown] = [browser(), browser()]
      const a = await signUp(known)
      const b = await signUp(unknown, { ...ada, email: 'new@example.com' })
      const plain = (x: Answer) => x.body.replaceAll(/ada@example.com|new@example.com/g, '').replaceAll(/(nonce|content|value|src|href)="[^"]*"/g, '')
      expect([a.status, plain(a), a.cookies.length]).to.deep.equal([b.status, plain(b), b.cookies.length])
      const names = (await letters()).map((l) => `${l.letter} ${l.to_email}`)
      expect(names).to.include('already-registered ada@example.com').and.to.include('confirm-address new@example.com')
      expect(await rows('users')).to.have.length(2)
      expect((await known.get('/account')).status).to.equal(303)
    })

    it('writes in the shop\'s name and links to its primary host, whichever of its hosts was used', async () => {
      world.directory.hosts.set('alias.acme.test', { kind: 'tenant', alias: true, tenant: world.acme })
      await signUp(browser('alias.acme.test'))
      const [letter] = await letters()
      expect(letter?.html).to.contain('http://acme.localhost:3000/verify-email/').and.to.not.contain('alias.acme.test')
      expect(`${letter?.html} ${letter?.text}`).to.not.match(/ezscale/i)
    })

    const wrong: [string, Record<string, string>, string][] = [
      ['a short password', { password: 'short' }, 'at least 10 characters'], ['a famous password', { password: 'Passw0rd1234' }, 'somebody would try'], ['their own address', { password: 'ada@example.com' }, 'your own name'],
      ['no address', { email: 'ada' }, 'name@example.com'], ['two addresses', { email: 'ada@example.com, b@example.com' }, 'name@example.com'], ['a line break in the address', { email: 'ada@example.com\nbcc: x@y.zz' }, 'name@example.com'],
      ['no country', { country: 'XX' }, 'Choose your country'], ['turned text in the name', { name: 'Ad\u202ea' }, 'characters we cannot store'], ['a status of their own', { status: 'active' }, 'does not take'],
    ]
    for (const [what, fields, sentence] of wrong)
      it(`asks again, with the input kept, for ${what}`, async () => {
        const answer = await signUp(browser(), { ...ada, ...fields })
        expect(answer.status).to.equal(422)
        expect(answer.body).to.contain(sentence).and.to.not.contain(ada.password)
        if (!fields['name']) expect(answer.body).to.contain('Ada Lovelace')
        expect(await rows('users')).to.deep.equal([])
      })
  })

  describe('signing in', () => {
    it('opens the account, under a new session, and signing out closes it', async () => {
      const b = await member()
      await b.get('/account')
      const before = b.jar.get('ezs')
      expect((await b.post('/sign-out')).headers.location).to.equal('/sign-in')
      expect((await b.get('/account')).status).to.equal(303)
      expect((await signIn(b)).headers.location).to.equal('/account')
      expect(b.jar.get('ezs')).to.not.equal(before)
      expect((await b.get('/account')).headers['cache-control']).to.equal('private, no-store')
      await b.post('/session', { _method: 'DELETE' })
      expect((await b.get('/account')).status).to.equal(303)
    })

    it('says the same for a wrong password, an unknown address, an account without password and a closed one', async () => {
      await member()
      const closed = { ...ada, email: 'closed@example.com' }
      await signUp(browser(), closed)
      await world.as(world.acme, () => tenantDb()('users').where({ email: closed.email }).update({ status: 'disabled' }))
      const answers = [await signIn(browser(), 'wrong password'), await signIn(browser(), ada.password, 'nobody@example.com'), await signIn(browser(), ada.password, closed.email)]
      for (const answer of answers) {
        expect(answer.status).to.equal(409)
        expect(answer.body).to.contain('This e-mail address and password do not match.')
      }
      const plain = (x: Answer) => x.body.replaceAll(/[\w]+@example.com/g, '').replaceAll(/(nonce|content|value)="[^"]*"/g, '')
      expect(new Set(answers.map(plain)).size).to.equal(1)
    })

    it('is refused after ten wrong passwords, also with the right one, but not for others and not in another shop', async () => {
      await member()
      await member(browser('globex.localhost'))
      const b = browser()
      const statuses: number[] = []
      await b.get('/sign-in')
      for (let i = 0; i < 12; i++) statuses.push((await b.post('/sign-in', { email: ada.email, password: 'wrong password' })).status)
      expect(statuses).to.deep.equal([...Array<number>(10).fill(409), 429, 429])
      const right = await signIn(browser())
      expect([right.status, Number(right.headers['retry-after']) > 0]).to.deep.equal([429, true])
      expect((await signIn(browser(), 'wrong password', 'somebody.else@example.com')).status).to.equal(409)
      expect((await signIn(browser('globex.localhost'))).status).to.equal(303)
    })

    const elsewhere = ['//evil.example', '/\\evil.example', 'https://evil.example', 'https:evil.example', 'javascript:alert(1)', '\\\\evil', '/\t/evil.example', '/%09/evil', ' /x', 'account', '/a\r\nSet-Cookie: x=1', '/./\\evil', `/${'a'.repeat(600)}`]
    for (const next of elsewhere)
      it(`never leads to another place: ${JSON.stringify(next).slice(0, 40)}`, async () => {
        await member()
        const b = browser()
        await b.get('/sign-in')
        const location = (await b.post('/sign-in', { email: ada.email, password: ada.password, next })).headers.location ?? ''
        expect(new URL(location, 'http://acme.localhost').host).to.equal('acme.localhost')
        expect(location).to.match(/^\/(?![/\\])/)
      })

    it('comes back to the page that asked for it', async () => {
      await member()
      const b = browser()
      const asked = await b.get('/account/profile?x=1')
      expect(asked.headers.location).to.equal('/sign-in?next=%2Faccount%2Fprofile%3Fx%3D1')
      await b.follow()
      expect((await b.post('/sign-in', { email: ada.email, password: ada.password, next: '/account/profile?x=1' })).headers.location).to.equal('/account/profile?x=1')
      expect((await browser().get('/account', { accept: 'application/json' })).status).to.equal(401)
    })

    it('counts in this shop only: the same cookie, and the same account, mean nothing in another', async () => {
      const b = await member()
      const untouched = await world.checksum(world.globex)
      const thief = browser('globex.localhost')
      thief.jar.set('ezs', b.jar.get('ezs') ?? '')
      expect((await thief.get('/account')).status).to.equal(303)
      const other = browser('globex.localhost')
      expect((await signIn(other)).status).to.equal(409)
      expect(await world.checksum(world.globex)).to.equal(untouched)
    })

    it('ends at once when the account is closed', async () => {
      const b = await member()
      await world.as(world.acme, () => tenantDb()('users').update({ status: 'disabled' }))
      expect((await b.get('/account')).status).to.equal(303)
    })
  })

  describe('a forgotten password', () => {
    const ask = (b: Browser, email = ada.email): Promise<Answer> => b.fill('/password/forgot', { email })

    it('is replaced by a link that works once; every session ends and the owner is told', async () => {
      const b = await member()
      await ask(browser())
      const path = await link('reset-password')
      const other = browser()
      expect((await other.fill(path, { password: 'short' })).status).to.equal(422)
      expect((await other.post(path, { password: 'eight blue umbrellas' })).headers.location).to.equal('/sign-in')
      expect((await b.get('/account')).status, 'old session').to.equal(303)
      expect((await signIn(browser())).status, 'old password').to.equal(409)
      expect((await signIn(browser(), 'eight blue umbrellas')).status).to.equal(303)
      expect((await other.get(path)).status, 'used twice').to.equal(400)
      expect((await other.post(path, { password: 'nine red umbrellas' })).body).to.contain('does not work any more')
      expect((await letters()).map((l) => l.letter)).to.include('password-changed')
    })

    it('gives the same answer for an unknown address, and no letter', async () => {
      await member()
      await letters()
      const before = (await rows('mail_messages')).length
      const known = await ask(browser())
      const unknown = await ask(browser(), 'nobody@example.com')
      expect([known.status, known.headers.location]).to.deep.equal([unknown.status, unknown.headers.location])
      const sent = (await letters()).slice(before)
      expect(sent.map((l) => `${l.letter} ${l.to_email}`)).to.deep.equal([`reset-password ${ada.email}`])
    })

    it('sends no letter for a request that came by an unknown host', async () => {
      await member()
      const before = (await letters()).length
      const b = browser()
      await b.get('/password/forgot')
      expect((await b.post('/password/forgot', { email: ada.email }, { host: 'evil.example' })).status).to.equal(421)
      expect(await letters()).to.have.length(before)
    })

    it('gets no second life: not after 15 minutes, not in another shop, not for another purpose, not after a newer link or a changed password', async () => {
      const b = await member()
      await member(browser('globex.localhost'))
      await ask(browser())
      const first = await link('reset-password')
      expect((await browser('globex.localhost').get(first)).status).to.equal(400)
      expect((await browser().get(first.replace('/password/reset/', '/verify-email/'))).status).to.equal(400)
      await ask(browser())
      const second = await link('reset-password')
      expect((await browser().get(first)).status).to.equal(400)
      expect((await browser().get(second)).status).to.equal(200)
      await b.get('/account/password')
      expect((await b.post('/account/password', { _method: 'PUT', currentPassword: ada.password, password: 'nine red umbrellas' })).status).to.equal(303)
      expect((await browser().get(second)).status).to.equal(400)
      await ask(browser())
      const third = await link('reset-password')
      await world.as(world.acme, () => tenantDb()('user_tokens').update({ expires_at: new Date(Date.now() - 1000) }))
      expect((await browser().get(third)).status).to.equal(400)
    })

    it('of two who use one link at once, lets one', async () => {
      await member()
      await ask(browser())
      const path = await link('reset-password')
      const both = [browser(), browser()]
      for (const b of both) await b.get(path)
      const answers = await Promise.all(both.map((b, i) => b.post(path, { password: `eight blue umbrellas ${i}` })))
      expect(answers.map((a) => a.status).sort()).to.deep.equal([303, 400])
    })

    it('may be asked for three times in a quarter of an hour', async () => {
      const statuses: number[] = []
      for (let i = 0; i < 4; i++) statuses.push((await ask(browser(), 'whoever@example.com')).status)
      expect(statuses).to.deep.equal([303, 303, 303, 429])
    })
  })

  describe('one\'s own pages', () => {
    it('change the profile, and nothing that is not the customer\'s to change', async () => {
      const b = await member()
      await b.get('/account/profile')
      const profile = { _method: 'PUT', name: 'Ada King', country: 'GB', timeZone: 'Europe/London', city: 'London' }
      expect((await b.post('/account/profile', profile)).status).to.equal(303)
      expect((await b.follow()).body).to.contain('Your profile is saved.').and.to.contain('Ada King')
      const before = await rows<Record<string, unknown>>('users')
      for (const extra of [{ status: 'admin' }, { email: 'x@example.com' }, { currency: 'EUR' }, { balance: '1000000' }, { tenant_id: '2' }, { emailVerifiedAt: '2020-01-01' }, { id: '1' }])
        expect((await b.post('/account/profile', { ...profile, ...extra } as Record<string, string>)).status, JSON.stringify(extra)).to.equal(422)
      expect((await b.post('/account/profile', { ...profile, timeZone: 'Mars/Olympus' })).status).to.equal(422)
      expect(await rows('users')).to.deep.equal(before)
    })

    it('change the password with the old one, and sign out everywhere else', async () => {
      const b = await member()
      const phone = browser()
      await signIn(phone)
      await b.get('/account/password')
      expect((await b.post('/account/password', { _method: 'PUT', currentPassword: 'wrong', password: 'nine red umbrellas' })).status).to.equal(422)
      expect((await phone.get('/account')).status).to.equal(200)
      expect((await b.post('/account/password', { _method: 'PUT', currentPassword: ada.password, password: 'nine red umbrellas' })).status).to.equal(303)
      expect((await b.get('/account')).status).to.equal(200)
      expect((await phone.get('/account')).status).to.equal(303)
    })

    it('list the browsers that are signed in; each can be signed out, but nobody else\'s', async () => {
      const b = await member()
      const phone = browser()
      await phone.get('/sign-in')
      await phone.post('/sign-in', { email: ada.email, password: ada.password }, { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Version/17.0 Mobile Safari/604' })
      const eve = browser()
      await signUp(eve, { ...ada, email: 'eve@example.com', name: 'Eve' })
      await eve.fill(await link('confirm-address'), {})
      expect((await b.get('/account/sessions')).body).to.contain('Safari on iOS').and.to.contain('This one')
      const theirs = (await rows<{ id: string; user_agent: string | null }>('sessions')).find((s) => s.user_agent?.includes('iPhone'))?.id ?? ''
      await eve.get('/account/sessions')
      expect((await eve.post(`/account/sessions/${theirs}`, { _method: 'DELETE' })).status).to.equal(404)
      expect((await phone.get('/account')).status).to.equal(200)
      await b.get('/account/sessions')
      expect((await b.post(`/account/sessions/${theirs}`, { _method: 'DELETE' })).status).to.equal(303)
      expect((await phone.get('/account')).status).to.equal(303)
    })

    it('write down who did what, from where', async () => {
      const b = await member()
      await b.get('/account/password')
      await b.post('/account/password', { _method: 'PUT', currentPassword: ada.password, password: 'nine red umbrellas' })
      const events = await rows<{ type: string; actor_kind: string; actor_id: number | null; ip: string }>('events')
      expect(events.map((e) => e.type)).to.deep.equal(['user.signed-up', 'user.verified', 'user.password-changed'])
      expect(events.at(-1)).to.include({ actor_kind: 'user', ip: '127.0.0.1' })
    })
  })

  it('never names the wholesaler on any of its pages', async () => {
    const b = await member()
    const guest = browser()
    for (const path of ['/sign-in', '/sign-up', '/password/forgot', '/password/reset/xyz', '/verify-email/xyz', '/no-such-page', '/']) {
      const answer = await guest.get(path)
      expect(JSON.stringify([answer.body, answer.headers]), path).to.not.match(/ezscale/i)
    }
    for (const path of ['/account', '/account/profile', '/account/password', '/account/sessions']) {
      const answer = await b.get(path)
      expect(answer.status, path).to.equal(200)
      expect(JSON.stringify([answer.body, answer.headers]), path).to.not.match(/ezscale/i)
      expect(answer.body).to.not.match(/ style="|<script(?![^>]*nonce)/)
    }
  })
})
