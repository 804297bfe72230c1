import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { overrideConfig } from '../../../shared/config.js'
import { FormErrors } from '../../../shared/errors.js'
import { useKasmWorld } from '../../testing/kasm-world.js'
import { connectionOf } from '../provider/connection.js'
import { desktopHostsOf, onHost, saveDesktopHost } from './desktop-hosts.js'
import { launchWorkspace } from './launch-workspace.js'

describe('A host name of the shop’s own for desktops', () => {
  const world = useKasmWorld()
  const { lookup } = dns
  /** The shop has set its CNAME. */
  before(() => { dns.lookup = Object.assign(((name: string, ...rest: unknown[]) => (lookup as (...args: unknown[]) => void)(name === 'desk.localhost' ? '127.0.0.1' : name, ...rest)) as typeof lookup, { __promisify__: lookup.__promisify__ }) })
  after(() => { dns.lookup = lookup })
  const fault = (error: unknown): string => (error as FormErrors).fields['host'] ?? ''

  it('takes the place of the server’s in a link, always by https on the usual port outside development', () => {
    const link = 'http://kasm1.platform.example:8443/#/connect/kasm/1/2/3'
    expect(onHost(link, 'desk.acme.example', false)).to.equal('https://desk.acme.example/#/connect/kasm/1/2/3')
    expect(onHost(link, 'desk.acme.example', true)).to.equal('http://desk.acme.example:8443/#/connect/kasm/1/2/3')
    expect(onHost(link, undefined, false)).to.equal(link)
  })

  it('is taken only when it answers as the server does, and links lead there from then on, in this shop alone', async () => {
    const bought = await world.running()
    await world.as(world.acme, async () => {
      const connection = await connectionOf(bought.workspace)
      for (const wrong of ['not a host', '10.0.0.1', 'desk', 'kasm.acme.example', 'desk.ezscale.com']) {
        expect(fault(await saveDesktopHost(connection, wrong).catch((e: unknown) => e)), wrong).to.contain('a host name of your own')
      }
      expect(fault(await saveDesktopHost(connection, 'nowhere.invalid').catch((e: unknown) => e))).to.contain('CNAME record must point to 127.0.0.1')
      expect(await desktopHostsOf()).to.deep.equal({})
      await saveDesktopHost(connection, 'Desk.localhost.')
      expect(new URL(await launchWorkspace(bought.workspace, bought.service)).hostname).to.equal('desk.localhost')
      await saveDesktopHost(connection, null)
      expect(new URL(await launchWorkspace(bought.workspace, bought.service)).hostname).to.equal('127.0.0.1')
    })
    await world.as(world.globex, async () => expect(await desktopHostsOf()).to.deep.equal({}))
  })

  it('is never called inside a private network, also when its name led elsewhere a moment before', async () => {
    const { lookup: look, promises } = dns
    const known = promises.lookup
    const rebinding = 'desk.rebind.example'
    promises.lookup = (async (name: string, options: dns.LookupOptions) => (name === rebinding ? [{ address: '93.184.216.34', family: 4 }] : known(name, options))) as typeof known
    dns.lookup = Object.assign(((name: string, ...rest: unknown[]) => (look as (...args: unknown[]) => void)(name === rebinding ? '127.0.0.1' : name, ...rest)) as typeof look, { __promisify__: look.__promisify__ })
    syncBuiltinESMExports()
    const bought = await world.running()
    overrideConfig({ ALLOW_PRIVATE_OUTSIDE: false })
    try {
      await world.as(world.acme, async () => {
        const refused = await saveDesktopHost(await connectionOf(bought.workspace), rebinding).catch((e: unknown) => e)
        expect(fault(refused)).to.contain('leads into a private network')
      })
    } finally {
      Object.assign(dns, { lookup: look })
      promises.lookup = known
      syncBuiltinESMExports()
      overrideConfig({ ALLOW_PRIVATE_OUTSIDE: true })
    }
  })
})
