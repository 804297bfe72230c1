import { expect } from 'chai'
import { isPublicAddress, lookAtHost } from './public-host.js'

describe('A host name that somebody typed', () => {
  it('must not lead into our own network, in either family of addresses, at the edges of each block', () => {
    for (const address of ['127.0.0.1', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', '::', '::ffff:10.0.0.1', 'fe80::1', 'fd00::1', '224.0.0.1']) {
      expect(isPublicAddress(address), address).to.equal(false)
    }
    for (const address of ['172.15.255.255', '172.32.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '1.1.1.1', '2606:4700::1111']) expect(isPublicAddress(address), address).to.equal(true)
  })
  it('is private when it names this machine, and unknown when it names nothing', async () => {
    expect(await lookAtHost('localhost')).to.equal('private')
    expect(await lookAtHost('nothing.invalid')).to.equal('unknown')
  })
})
