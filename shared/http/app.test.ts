/** Long: all of it is one chain, asked through one server with one small shop behind it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Router, type Request } from 'express'
import { z } from 'zod'
import { overrideConfig } from '../config.js'
import { tenantDb } from '../database/tenant-database.js'
import { currentActor } from '../events/actor.js'
import { FormErrors, NotFound, OutsideError, Refusal } from '../errors.js'
import { hostResolver } from '../tenancy/resolve-host.js'
import { makeTenant, type TenantStatus } from '../tenancy/tenant.js'
import { currentTenant, currentTenantOrNull } from '../tenancy/context.js'
import { exchange, talk, useServer } from '../testing/browser.js'
import { useWorld } from '../testing/world.js'
import { createApp } from './app.js'
import { listen } from './server.js'
import { form, query, text } from './form.js'
import { onFormErrors, redirect } from './page.js'
import { remember, signedInAs, signIn, signOut } from './session.js'
import { csrfToken } from './csrf.js'

const named = z.object({ name: text('Name', 40, 2), amount: z.coerce.number().int().min(1).max(10).optional() })

function shop(): Router {
  const router = Router()
  router.get('/', (req, res) => void res.send(`<meta name="csrf-token" content="${csrfToken(req, res)}"> ${currentTenant().slug}`))
  router.get('/plain', (_req, res) => void res.send(currentTenant().slug))
  router.get('/who', (req, res) => void res.json({ tenant: currentTenant().slug, user: signedInAs(req, 'user'), data: req.session.data, ip: req.ip, protocol: req.protocol }))
  router.get('/rows', async (_req, res) => void res.json(await tenantDb()('settings').pluck('name')))
  router.post('/signed-in', async (req, res) => {
    await signIn(req, res, { kind: 'user', id: 7 })
    res.send('in')
  })
  router.post('/signed-out', async (req, res) => {
    await signOut(req, res)
    res.send('out')
  })
  router.post('/basket', async (req, res) => {
    await remember(req, res, { plan: 'developer-basic' })
    res.send('kept')
  })
  router.post('/form', (req, res) => void res.json(form(named, req)))
  router.post('/shown-form', (req, res) => {
    onFormErrors(res, (errors, input, status) => void res.status(status).json({ errors, input }))
    res.json(form(named, req))
  })
  router.delete('/thing', (_req, res) => void res.send('deleted'))
  router.post('/webhooks/test', (req, res) => void res.json({ raw: Buffer.isBuffer(req.body) ? req.body.toString('utf8') : null, actor: currentActor().kind, user: signedInAs(req, 'user') }))
  router.get('/query', (req, res) => void res.json(query(z.object({ sort: z.enum(['name', 'date']).default('name') }), req)))
  router.get('/fails/:how', (req) => {
    const failures: Record<string, Error> = {
      refusal: new Refusal('thing.busy', 'This thing is busy.'), missing: new NotFound('thing'), outside: new OutsideError('kasm down secret-detail', { door: 'kasm', retryable: true }),
      form: new FormErrors({ name: 'Name is too short.' }), bug: new Error('secret-detail in a bug'),
    }
    throw failures[req.params['how'] ?? ''] ?? new Error('?')
  })
  router.get('/go', (req: Request, res) => redirect(req, res, '/who', { flash: 'Saved.' }))
  return router
}

const plain = (name: string): Router => Router().get('/', (_req, res) => void res.send(`${name} ${currentTenantOrNull() === null}`))

describe('the way of a request', () => {
  const world = useWorld()
  const server = useServer(() => {
    world.directory.hosts.set('admin.ezscale.localhost', { kind: 'console' })
    world.directory.hosts.set('ezscale.localhost', { kind: 'platform' })
    return createApp({ tenantApp: shop(), consoleApp: plain('console'), platformApp: plain('platform') })
  })
  const acme = () => server.browser('acme.localhost')
  const raw = (path: string, headers: Record<string, string>, method = 'GET') => exchange(server.port, path, { method, headers })

  describe('by host', () => {
    it('serves each shop, the console and the platform site on their own hosts', async () => {
      expect((await acme().get('/plain')).body).to.equal('acme')
      expect((await server.browser('globex.localhost').get('/plain')).body).to.equal('globex')
      expect((await server.browser('admin.ezscale.localhost').get('/')).body).to.equal('console true')
      expect((await server.browser('ezscale.localhost').get('/')).body).to.equal('platform true')
    })

    it('answers an unknown host with 421, without cookie and without any brand', async () => {
      const answer = await server.browser('nobody.test').get('/')
      expect(answer.status).to.equal(421)
      expect(answer.cookies).to.deep.equal([])
      expect(answer.body).to.not.match(/acme|globex|ezscale/i)
      expect(answer.headers['content-security-policy']).to.contain("default-src 'none'")
    })

    it('answers a tenant that is opening or gone as an unknown host', async () => {
      for (const status of ['opening', 'dropped'] as TenantStatus[]) {
        world.directory.hosts.set(`${status}.test`, { kind: 'tenant', alias: false, tenant: makeTenant({ ...world.acme, status }) })
        expect((await server.browser(`${status}.test`).get('/')).status).to.equal(421)
      }
    })

    it('refuses two Host headers, no host, and an absolute address of another host', async () => {
      for (const hosts of ['Host: acme.localhost\r\nHost: globex.localhost\r\n', '', 'Host:\r\n'])
        expect(await talk(server.port, `GET /plain HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`), hosts).to.match(/^HTTP\/1.1 400/)
      expect((await raw('http://globex.localhost/plain', { host: 'acme.localhost' })).status).to.equal(400)
      const same = await raw('http://ACME.localhost:80/plain', { host: 'acme.localhost' })
      expect([same.status, same.body]).to.deep.equal([200, 'acme'])
    })

    for (const name of ['x-forwarded-host', 'x-host', 'forwarded', 'x-original-url', 'x-rewrite-url', 'x-tenant-id'])
      it(`takes no tenant and no path from ${name}`, async () => {
        const value = name === 'forwarded' ? 'host=globex.localhost' : name.endsWith('url') ? '/who' : name === 'x-tenant-id' ? '2' : 'globex.localhost'
        expect((await raw('/plain?tenant=2', { host: 'acme.localhost', [name]: value })).body).to.equal('acme')
      })

    it('believes X-Forwarded-For only from a proxy that is configured', async () => {
      const answer = await raw('/who', { host: 'acme.localhost', 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' })
      expect(JSON.parse(answer.body)).to.include({ ip: '127.0.0.1', protocol: 'http' })
    })

    it('takes the caller\'s address from a proxy that is configured, and from nobody before it', async () => {
      overrideConfig({ TRUSTED_PROXIES: ['127.0.0.1'] })
      const behind = await listen(createApp({ tenantApp: shop(), consoleApp: plain('c'), platformApp: plain('p') }), { port: 0, bind: '127.0.0.1' })
      try {
        const headers = { host: 'acme.localhost', 'x-forwarded-for': '198.51.100.1, 203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'globex.localhost' }
        expect(JSON.parse((await exchange(behind.port, '/who', { headers })).body)).to.include({ tenant: 'acme', ip: '203.0.113.9', protocol: 'https' })
      } finally {
        overrideConfig({ TRUSTED_PROXIES: [] })
        await behind.stop({ graceMs: 100 })
      }
    })

    it('shows a suspended shop its own page with 503 and Retry-After, and back when it serves again', async () => {
      for (const status of ['suspended', 'maintenance'] as TenantStatus[]) {
        world.directory.put(makeTenant({ ...world.globex, db: { ...world.globex.db, password: world.globex.db.password }, status }))
        hostResolver().forget()
        const answer = await server.browser('globex.localhost').get('/rows')
        expect(answer.status).to.equal(503)
        expect(Number(answer.headers['retry-after'])).to.be.greaterThan(0)
        expect(answer.body).to.contain('Globex Hosting')
        expect((await server.browser('globex.localhost').get('/theme.css')).status).to.equal(200)
      }
      world.directory.put(world.globex)
      await sleep(1200)
      expect((await server.browser('globex.localhost').get('/rows')).status).to.equal(200)
    })
  })

  describe('headers', () => {
    it('allow no inline script, no eval, no frame, no guessing, no caching', async () => {
      const { headers } = await acme().get('/')
      const policy = String(headers['content-security-policy'])
      expect(policy).to.not.contain('unsafe')
      expect(policy).to.contain("frame-ancestors 'none'").and.to.contain("script-src 'self' 'nonce-").and.to.contain("base-uri 'none'")
      expect(headers['x-content-type-options']).to.equal('nosniff')
      expect(headers['cache-control']).to.equal('private, no-store')
      expect(headers['vary']).to.match(/HX-Request/i)
      expect(headers['x-powered-by']).to.equal(undefined)
    })

    it('carry another nonce in every answer', async () => {
      const nonces = await Promise.all([1, 2, 3].map(async () => /nonce-([^']+)/.exec(String((await acme().get('/')).headers['content-security-policy']))?.[1]))
      expect(new Set(nonces).size).to.equal(3)
    })

    it('serve the brand as a stylesheet that may be cached', async () => {
      const answer = await acme().get(`/theme.css?v=${world.acme.brand.version}`)
      expect(answer.headers['content-type']).to.contain('text/css')
      expect(answer.headers['cache-control']).to.contain('immutable')
      expect(answer.cookies).to.deep.equal([])
    })
  })

  describe('sessions', () => {
    it('cost a visitor of the shop no row and no cookie until a form is shown', async () => {
      await world.clean()
      const browser = acme()
      expect((await browser.get('/plain')).cookies).to.deep.equal([])
      expect((await browser.get('/')).cookies).to.have.length(1)
      expect(await world.as(world.acme, () => tenantDb()('sessions').select())).to.deep.equal([])
    })

    it('put a host-only, HttpOnly, SameSite=Lax cookie in the browser, and only a hash in the table', async () => {
      const browser = acme()
      await browser.get('/')
      const [line = ''] = (await browser.post('/signed-in')).cookies
      expect(line).to.match(/^ezs=session\./).and.to.match(/HttpOnly/).and.to.match(/SameSite=Lax/).and.to.match(/Path=\//)
      expect(line).to.not.match(/domain/i)
      const token = line.split('.')[1]
      const ids = await world.as(world.acme, () => tenantDb()('sessions').pluck('id') as Promise<string[]>)
      expect(ids.join()).to.not.contain(token)
      expect(JSON.parse((await browser.get('/who')).body)).to.include({ user: 7 })
    })

    it('take a new id at sign-in; the id from before is worthless', async () => {
      const browser = acme()
      await browser.get('/')
      await browser.post('/basket')
      const before = browser.jar.get('ezs') ?? ''
      await browser.get('/')
      await browser.post('/signed-in')
      expect(browser.jar.get('ezs')).to.not.equal(before)
      const old = acme()
      old.jar.set('ezs', before)
      const answer = await old.get('/who')
      expect(JSON.parse(answer.body)).to.deep.include({ user: null, data: {} })
      expect(answer.cookies.join()).to.match(/^ezs=;/)
    })

    it('are refused when the browser chose the id itself', async () => {
      const browser = acme()
      browser.jar.set('ezs', `session.${'A'.repeat(43)}.${'B'.repeat(43)}`)
      await browser.get('/')
      await browser.post('/signed-in')
      expect(browser.jar.get('ezs')).to.not.contain('A'.repeat(43))
    })

    it('of one shop mean nothing in another, nor on the console', async () => {
      const browser = acme()
      await browser.get('/')
      await browser.post('/signed-in')
      for (const host of ['globex.localhost', 'admin.ezscale.localhost']) {
        const thief = server.browser(host)
        thief.jar.set('ezs', browser.jar.get('ezs') ?? '')
        const answer = await thief.get(host.startsWith('globex') ? '/who' : '/')
        expect(answer.body).to.not.contain('"user":7')
        expect(answer.cookies.join()).to.match(/ezs=;/)
      }
    })

    it('are ignored when two cookies of the name arrive: somebody tosses cookies', async () => {
      const browser = acme()
      await browser.get('/')
      await browser.post('/signed-in')
      const mine = `ezs=${browser.jar.get('ezs')}`
      const answer = await raw('/who', { host: `acme.localhost:${server.port}`, cookie: `${mine}; ezs=session.x.y` })
      expect(JSON.parse(answer.body)).to.include({ user: null })
    })

    it('end at sign-out, after a long pause, and at their absolute end', async () => {
      const browser = acme()
      await browser.get('/')
      await browser.post('/signed-in')
      const cookie = browser.jar.get('ezs') ?? ''
      const age = (column: string, days: number) => world.as(world.acme, () => tenantDb()('sessions').update({ [column]: new Date(Date.now() + days * 86_400_000) }))
      const who = async () => (JSON.parse((await raw('/who', { host: 'acme.localhost', cookie: `ezs=${cookie}` })).body) as { user: number | null }).user
      // The cookie belongs to the host, whatever the port.
      expect(await who()).to.equal(7)
      await age('last_seen_at', -8)
      expect(await who()).to.equal(null)
      await age('last_seen_at', 0)
      expect(await who()).to.equal(7)
      await age('expires_at', -0.001)
      expect(await who()).to.equal(null)
    })
  })

  describe('writes', () => {
    it('are accepted with the token of our own page', async () => {
      const browser = acme()
      await browser.get('/')
      expect((await browser.post('/form', { name: 'Ada' })).status).to.equal(200)
      const htmx = await browser.send('/form', { method: 'POST', body: 'name=Ada', headers: { 'x-csrf-token': browser.csrf, 'content-type': 'application/x-www-form-urlencoded' } })
      expect(htmx.status).to.equal(200)
    })

    it('are refused without a token, with a wrong one, with one of another browser, and with one of another shop', async () => {
      const [browser, other, globex] = [acme(), acme(), server.browser('globex.localhost')]
      for (const b of [browser, other, globex]) await b.get('/')
      for (const token of ['', 'x', other.csrf, globex.csrf]) expect((await browser.post('/form', { _csrf: token, name: 'Ada' })).status, token).to.equal(403)
      expect((await acme().post('/form', { _csrf: browser.csrf, name: 'Ada' })).status).to.equal(403)
    })

    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' }, { origin: 'null' }, { origin: 'http://globex.localhost' }, { origin: 'http://acme.localhost.evil.example' },
      { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'http://acme.localhost:1' },
    ]
    for (const headers of foreign)
      it(`are refused when the browser says they come from elsewhere: ${JSON.stringify(headers)}`, async () => {
        const browser = acme()
        await browser.get('/')
        expect((await browser.post('/form', { name: 'Ada' }, headers)).status).to.equal(403)
      })

    it('may name another verb in a hidden field, but only one that a form could mean', async () => {
      const browser = acme()
      await browser.get('/')
      expect((await browser.post('/thing', { _method: 'DELETE' })).body).to.equal('deleted')
      expect((await browser.post('/thing', { _method: 'TRACE' })).status).to.equal(400)
      expect((await browser.send('/thing?_method=DELETE')).status).to.equal(404)
    })

    const odd: [string, unknown, number][] = [
      ['a number for a text', { name: 0 }, 422], ['a boolean', { name: true }, 422], ['a list', { name: [] }, 422], ['a list of texts', { name: ['a', 'b'] }, 422], ['an object', { name: { $gt: '' } }, 422],
      ['a field nobody asked for', { name: 'Ada', role: 'admin' }, 422], ['a tenant', { name: 'Ada', tenant_id: 2 }, 422], ['nothing', {}, 422], ['a list as the body', [1], 400], ['turned text', { name: 'A\u202eda' }, 422],
      ['a price of its own', { name: 'Ada', price: 0.01 }, 422], ['a negative amount', { name: 'Ada', amount: -1 }, 422], ['a huge amount', { name: 'Ada', amount: 1e9 }, 422],
    ]
    for (const [what, body, status] of odd)
      it(`answer ${status} to ${what}`, async () => {
        const browser = acme()
        await browser.get('/')
        const answer = await browser.send('/form', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'x-csrf-token': browser.csrf } })
        expect(answer.status).to.equal(status)
      })

    it('answer 400 to a prototype in disguise, a bottomless body and broken JSON, and 413 to a huge one, quickly', async () => {
      const browser = acme()
      await browser.get('/')
      const send = (body: string, type = 'application/json') => browser.send('/form', { method: 'POST', body, headers: { 'content-type': type, 'x-csrf-token': browser.csrf } })
      const began = Date.now()
      expect((await send('{"name":"Ada","__proto__":{"admin":true}}')).status).to.equal(400)
      expect((await send('{"name":"Ada","constructor":{"prototype":1}}')).status).to.equal(400)
      expect((await send(`{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`)).status).to.equal(400)
      expect((await send('{"name":')).status).to.equal(400)
      expect((await send('name=a&name=b', 'application/x-www-form-urlencoded')).status).to.equal(422)
      expect((await send(JSON.stringify({ name: 'x'.repeat(150_000) }))).status).to.equal(413)
      expect(Date.now() - began).to.be.lessThan(1500)
    })

    it('of payment services need no token: they come with their exact bytes, and no cookie of theirs counts', async () => {
      const browser = acme()
      await browser.get('/')
      await browser.post('/signed-in')
      const answer = await browser.send('/webhooks/test', { method: 'POST', body: '{"a": 1 }', headers: { 'content-type': 'application/json', origin: 'https://pay.example' } })
      expect(JSON.parse(answer.body)).to.deep.equal({ raw: '{"a": 1 }', actor: 'webhook', user: null })
      expect(answer.cookies).to.deep.equal([])
      expect((await acme().send('/webhooks/none', { method: 'POST', body: '{}' })).status).to.equal(404)
    })

    it('show the form again with what was typed, but never with a password', async () => {
      const browser = acme()
      await browser.get('/')
      const answer = await browser.post('/shown-form', { name: 'A', password: 'hunter2hunter2' })
      expect(answer.status).to.equal(422)
      const shown = JSON.parse(answer.body) as { errors: Record<string, string>; input: Record<string, string> }
      expect(shown.input).to.deep.equal({ name: 'A' })
      expect(shown.errors['name']).to.equal('Name is too short.')
    })

    it('answer 400 to a repeated or unknown part of an address that matters, and ignore tracking tags', async () => {
      expect((await acme().get('/query?sort=name&sort=date')).status).to.equal(400)
      expect((await acme().get('/query?sort=name;drop')).status).to.equal(400)
      expect((await acme().get('/query?utm_source=x&utm_source=y')).body).to.equal('{"sort":"name"}')
      expect((await acme().get('/%E0%A4%A')).status).to.equal(404)
    })
  })

  describe('what goes wrong', () => {
    const expected: [string, number, string][] = [
      ['refusal', 409, 'This thing is busy.'], ['missing', 404, 'This thing does not exist.'], ['outside', 502, 'It may be back in a moment'], ['form', 422, 'Name is too short.'], ['bug', 500, 'Something went wrong on our side'],
    ]
    for (const [how, status, sentence] of expected)
      it(`is told in plain words, in the shop's brand, with a reference: ${how}`, async () => {
        const answer = await acme().get(`/fails/${how}`)
        expect(answer.status).to.equal(status)
        expect(answer.body).to.contain(sentence).and.to.contain('Acme Hosting').and.to.contain(answer.headers['x-request-id'])
        expect(answer.body).to.not.match(/secret-detail|ezscale|at .*\.ts/i)
      })

    it('never becomes a link to elsewhere, whatever the address looked like', async () => {
      expect((await raw('//evil.example/fails/bug', { host: 'acme.localhost' })).body).to.not.contain('evil.example')
    })

    it('is JSON for programs and a toast for htmx', async () => {
      const json = await acme().get('/fails/refusal', { accept: 'application/json' })
      expect(JSON.parse(json.body)).to.deep.include({ error: { status: 409, code: 'thing.busy', message: 'This thing is busy.', request: json.headers['x-request-id'] } })
      const toast = await acme().get('/fails/refusal', { 'hx-request': 'true' })
      expect([toast.status, toast.headers['hx-retarget']]).to.deep.equal([409, '#toasts-urgent'])
      expect(toast.body).to.contain('This thing is busy.').and.to.not.contain('<html')
    })

    it('redirects with 303, for htmx by a header', async () => {
      const plainAnswer = await acme().get('/go')
      expect([plainAnswer.status, plainAnswer.headers.location]).to.deep.equal([303, '/who'])
      const htmx = await acme().get('/go', { 'hx-request': 'true', 'hx-request-type': 'partial' })
      expect([htmx.status, htmx.headers['hx-redirect']]).to.deep.equal([204, '/who'])
    })

    it('closes the connection of a smuggler', async () => {
      const smuggled = await talk(server.port, 'POST /form HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /who HTTP/1.1\r\n\r\n')
      expect(smuggled).to.match(/^HTTP\/1.1 400/)
    })
  })

  it('over https names its cookies __Host- and marks them Secure', async () => {
    overrideConfig({ PUBLIC_SCHEME: 'https' })
    try {
      const answer = await acme().get('/')
      expect(answer.cookies[0]).to.match(/^__Host-ezs=/).and.to.match(/Secure/).and.to.match(/Path=\//)
      expect(answer.cookies[0]).to.not.match(/domain/i)
      expect(answer.headers['strict-transport-security']).to.match(/max-age=\d+/)
    } finally {
      overrideConfig({ PUBLIC_SCHEME: 'http' })
    }
  })

  it('keeps 500 interleaved requests of two shops apart', async () => {
    await world.clean()
    for (const tenant of [world.acme, world.globex]) await world.as(tenant, () => tenantDb()('settings').insert({ name: tenant.slug, value: '{}', updated_at: new Date() }))
    const hosts = Array.from({ length: 500 }, (_, i) => (i % 2 ? 'acme' : 'globex'))
    const answers = await Promise.all(hosts.map(async (slug) => [slug, (await raw('/rows', { host: `${slug}.localhost` })).body]))
    expect(answers.filter(([slug, body]) => body !== `["${slug}"]`)).to.deep.equal([])
  })
})
