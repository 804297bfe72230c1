import { gzipSync } from 'node:zlib'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { exchange } from '../testing/browser.js'
import { assetRoutes, assetUrl, inlineStylesheet } from './assets.js'

describe('Files for browsers', () => {
  let server: Server
  let port = 0
  before((done) => {
    server = createServer(express().use('/assets', assetRoutes())).listen(0, '127.0.0.1', () => { port = (server.address() as AddressInfo).port; done() })
  })
  after(() => server.close())

  it('are cached for a year under the hash of their content', async () => {
    const url = assetUrl('css/app.css')
    expect(url).to.match(/^\/assets\/css\/app\.[0-9a-f]{12}\.css$/)
    const answer = await exchange(port, url)
    expect(answer.headers['cache-control']).to.equal('public, max-age=31536000, immutable')
    expect(answer.headers['content-type']).to.equal('text/css; charset=utf-8')
    expect(answer.body).to.include('/assets/fonts/sans-400.').and.not.include('@import').and.not.include('asset:')
    expect(answer.cookies).to.deep.equal([])
  })

  it('come today’s, uncached, to a page of yesterday that knows an old hash', async () => {
    const answer = await exchange(port, '/assets/css/app.000000000000.css')
    expect([answer.status, answer.headers['cache-control']]).to.deep.equal([200, 'no-cache'])
  })

  it('travel packed when the browser can unpack', async () => {
    const get = async (encoding: string): Promise<[string | null, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}${assetUrl('js/app.js')}`, { headers: { 'accept-encoding': encoding } })
      return [response.headers.get('content-encoding'), await response.text()]
    }
    const [, plain] = await get('identity')
    expect(await Promise.all(['br', 'gzip', 'identity'].map(get))).to.deep.equal([['br', plain], ['gzip', plain], [null, plain]])
  })

  it('never leave their folders', async () => {
    for (const path of ['/assets/../package.000000000000.json', '/assets/..%2fpackage.000000000000.json', '/assets/css/%2e%2e/app.000000000000.css', '/assets/.env.000000000000.x', '/assets/nope.000000000000.css', '/assets/css/app.css']) {
      expect((await exchange(port, path)).status, path).to.equal(404)
    }
    expect(() => assetUrl('../package.json')).to.throw('does not exist')
  })

  it('stay within the budget: 60 KB of packed script on every page, 20 KB of style', async () => {
    const size = async (name: string): Promise<number> => gzipSync(await (await fetch(`http://127.0.0.1:${port}${assetUrl(name)}`)).text()).length
    const [htmx, app, palette, alpine, css] = await Promise.all(['js/htmx.js', 'js/app.js', 'js/palette.js', 'js/alpine.js', 'css/app.css'].map(size)) as [number, number, number, number, number]
    expect(htmx + app + palette + alpine).to.be.below(60 * 1024)
    expect(css).to.be.below(20 * 1024)
  })

  it('of a document bring their fonts along', () => {
    expect(inlineStylesheet('css/print.css')).to.include('url("data:font/woff2;base64,').and.not.match(/url\("(?!data:)/)
  })
})
