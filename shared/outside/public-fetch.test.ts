import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { config, overrideConfig } from '../config.js'
import { OutsideError } from '../errors.js'
import { callOutside } from './client.js'

describe('A call to an address that somebody else chose', () => {
  let server: Server
  let connected = 0
  let port = 0
  const allowed = config().ALLOW_PRIVATE_OUTSIDE
  before(async () => {
    server = createServer((_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')).on('connection', () => connected++)
    await new Promise<void>((resolve) => server.listen(0, resolve))
    port = (server.address() as AddressInfo).port
  })
  after(async () => {
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: allowed })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  beforeEach(() => { connected = 0 })
  const call = (url: string): Promise<unknown> => callOutside({ door: 'test', url, publicOnly: true, timeoutMs: 3000 }).then((a) => a.json, (error: unknown) => error)

  it('reaches nothing of this machine or network, however it is written', async () => {
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: false })
    const hosts = [
      '127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '127.255.255.254', 'localhost', 'LOCALHOST', 'localhost.', '0.0.0.0', '0', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '[fe80::1]', '[fd00::1]', '100.64.0.1', '198.18.0.1', '１２７.0.0.1', '①②⑦.0.0.1',
    ]
    for (const host of hosts) {
      const answer = await call(`http://${host}:${port}/`)
      expect(answer, host).to.be.instanceOf(OutsideError)
      expect((answer as OutsideError).code, host).to.be.oneOf(/^localhost\.$/.test(host) ? ['private-address', 'unreachable'] : ['private-address'])
    }
    expect(connected).to.equal(0)
  })
  it('says that a name leads nowhere, which may change', async () => {
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: false })
    expect(await call('http://nothing.invalid/')).to.include({ code: 'unreachable', retryable: true, unknown: false })
  })
  it('may be private where development allows it', async () => {
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: true })
    expect(await call(`http://127.0.0.1:${port}/`)).to.deep.equal({ ok: true })
    const probe = connect(port, '127.0.0.1')
    await new Promise((resolve) => probe.once('connect', resolve))
    probe.destroy()
    expect(connected).to.equal(2)
  })
})
