import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Router } from 'express'
import { overrideConfig } from '../config.js'
import { tenantDb } from '../database/tenant-database.js'
import { tenantTransaction } from '../database/transaction.js'
import { exchange, talk, useServer } from '../testing/browser.js'
import { loseDatabase, makeTestTenant, useWorld } from '../testing/world.js'
import { createApp } from './app.js'
import { isLeaving } from './health.js'
import { listen } from './server.js'

describe('the server', () => {
  const world = useWorld()
  let gate = Promise.resolve()
  const shop = Router()
  shop.get('/slow', async (_req, res) => {
    await gate
    res.send('done')
  })
  shop.get('/transaction', async (_req, res) => {
    await tenantTransaction(async (trx) => {
      await trx('settings').insert({ name: 'half', value: '{}', updated_at: new Date() })
      await gate
      await trx('settings').insert({ name: 'whole', value: '{}', updated_at: new Date() })
    })
    res.send('kept')
  })
  shop.get('/settings', async (_req, res) => void res.json(await tenantDb()('settings').pluck('name')))
  const make = () => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() })
  const server = useServer(make)
  const host = { host: 'acme.localhost' }

  it('tells supervisors that it lives and that it is ready, on any host, without a cookie', async () => {
    for (const path of ['/healthz', '/readyz', '/version', '/metrics']) {
      const answer = await exchange(server.port, path, { headers: { host: 'whatever.test' } })
      expect([path, answer.status, answer.cookies.length]).to.deep.equal([path, 200, 0])
    }
    const metrics = (await exchange(server.port, '/metrics')).body
    expect(metrics).to.contain('http_request_seconds_bucket')
  })

  it('shows its figures to nobody whose request came through a proxy', async () => {
    const answer = await exchange(server.port, '/metrics', { headers: { ...host, 'x-forwarded-for': '203.0.113.7' } })
    expect(answer.status).to.equal(404)
  })

  it('shows its figures on a port of their own when one is set, and then not on the main one', async () => {
    overrideConfig({ METRICS_PORT: 39_471 })
    const own = await listen(make(), { port: 0, bind: '127.0.0.1' })
    overrideConfig({ METRICS_PORT: 0 })
    expect((await exchange(39_471, '/metrics')).body).to.contain('http_request_seconds')
    expect((await exchange(own.port, '/metrics', { headers: host })).status).to.equal(404)
    await own.stop({ graceMs: 100 })
  })

  it('answers 503 for a shop whose database is gone, and serves the others', async () => {
    const lost = await makeTestTenant('lost', 3)
    world.directory.put(lost)
    await loseDatabase(lost)
    const answer = await exchange(server.port, '/settings', { headers: { host: 'lost.localhost' } })
    expect([answer.status, Number(answer.headers['retry-after']) > 0]).to.deep.equal([503, true])
    expect(answer.body).to.contain('Lost Hosting').and.to.not.match(/unknown database|denied|t[0-9a-f]{6}_/i)
    expect((await exchange(server.port, '/settings', { headers: host })).status).to.equal(200)
  })

  it('lets open requests end before it leaves, takes no new ones, and is not ready meanwhile', async () => {
    const own = await listen(make(), { port: 0, bind: '127.0.0.1' })
    let open = (): void => undefined
    gate = new Promise((resolve) => (open = resolve))
    const slow = exchange(own.port, '/slow', { headers: host })
    await sleep(100)
    const stopped = own.stop({ graceMs: 5000, leadMs: 150 })
    expect((await exchange(own.port, '/readyz')).status).to.equal(503)
    expect(isLeaving()).to.equal(true)
    await sleep(300)
    const refused = await exchange(own.port, '/healthz').then(() => 'answered', (error: NodeJS.ErrnoException) => error.code)
    expect(refused).to.equal('ECONNREFUSED')
    open()
    const answer = await slow
    expect([answer.status, answer.body]).to.deep.equal([200, 'done'])
    await stopped
  })

  it('cuts what does not end within the grace', async () => {
    const own = await listen(make(), { port: 0, bind: '127.0.0.1' })
    let open = (): void => undefined
    gate = new Promise((resolve) => (open = resolve))
    const slow = exchange(own.port, '/slow', { headers: host }).then(() => 'answered', () => 'cut')
    await sleep(100)
    const began = Date.now()
    await own.stop({ graceMs: 200 })
    expect(await slow).to.equal('cut')
    expect(Date.now() - began).to.be.lessThan(2000)
    open()
  })

  it('finishes a transaction whose caller hangs up in the middle', async () => {
    let open = (): void => undefined
    gate = new Promise((resolve) => (open = resolve))
    const req = request({ host: '127.0.0.1', port: server.port, path: '/transaction', headers: host })
    req.on('error', () => undefined)
    req.end()
    await sleep(150)
    req.destroy()
    await sleep(100)
    open()
    await sleep(300)
    expect(await world.as(world.acme, () => tenantDb()('settings').pluck('name').orderBy('name') as Promise<string[]>)).to.deep.equal(['half', 'whole'])
  })

  it('answers 408 to a caller who sends a byte now and then, and 431 to endless headers', async () => {
    const own = await listen(make(), { port: 0, bind: '127.0.0.1', headersTimeout: 200, requestTimeout: 300 })
    expect(await talk(own.port, 'GET / HTTP/1.1\r\nHost: acme.loc')).to.match(/^HTTP\/1.1 408/)
    expect(await talk(own.port, `GET / HTTP/1.1\r\nHost: acme.localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).to.match(/^HTTP\/1.1 431/)
    await own.stop({ graceMs: 100 })
  })
})
