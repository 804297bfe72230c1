import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Directory, HostAnswer } from './directory.js'
import { normaliseHost, normaliseHostHeader } from './host-name.js'
import { HostResolver } from './resolve-host.js'

const shop: HostAnswer = { kind: 'platform' }
const moved: HostAnswer = { kind: 'console' }

/** A directory of hosts alone, which counts questions and can be slow. */
class Hosts {
  readonly known = new Map<string, HostAnswer>([['acme.example', shop], ['xn--mller-kva.example', shop]])
  asked = 0
  changes = 1
  delay: Promise<unknown> = Promise.resolve()
  down = false
  async findByHost(host: string) {
    this.asked++
    const answer = this.known.get(host) ?? null
    await this.delay
    return answer
  }
  async version() {
    if (this.down) throw new Error('central is away')
    return this.changes
  }
}
function resolverOver(hosts: Hosts, sizes = { known: 100, unknown: 10 }): HostResolver {
  return new HostResolver(hosts as unknown as Directory, sizes)
}

describe('the name of a host', () => {
  const same = ['acme.example', 'ACME.Example', 'acme.example.', 'acme.example:443', 'Acme.Example.:8080', 'ａｃｍｅ.example']
  for (const name of same) it(`reads ${name} as acme.example`, () => expect(normaliseHost(name)).to.equal('acme.example'))

  it('reads other alphabets as punycode, also when a client sends raw bytes', () => {
    expect(normaliseHost('MÜLLER.example')).to.equal('xn--mller-kva.example')
    expect(normaliseHostHeader(Buffer.from('müller.example').toString('latin1'))).to.equal('xn--mller-kva.example')
  })

  const refused = [
    '', '.', ':80', 'a..b', '-a.example', 'a-.example', 'acme.example:', 'acme.example:99999', 'acme.example:80:80', 'a b.example', 'a_b.example', 'acme.example/', 'acme%2eexample', 'acme.example\t',
    'acme.example\u0000', '[::1]', '[acme.example]', '127.0.0.1', '2130706433', '0x7f.1', '0x7f000001', '127.1', '017700000001', 'user@acme.example', 'acme.example..', `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`, 'acme.example#x', 'acme.example?x', 'a\\b', '*.example', 'acme,example',
  ]
  for (const name of refused) it(`refuses ${JSON.stringify(name).slice(0, 60)}`, () => expect(normaliseHost(name)).to.equal(null))
})

describe('who answers at a host', () => {
  let hosts: Hosts
  let resolver: HostResolver
  beforeEach(() => {
    hosts = new Hosts()
    resolver = resolverOver(hosts)
  })
  afterEach(() => resolver.stop())

  it('asks the directory once for every spelling of a host', async () => {
    for (const name of ['acme.example', 'ACME.example.', 'acme.example:3000']) expect(await resolver.resolve(name)).to.equal(shop)
    expect(hosts.asked).to.equal(1)
  })

  it('shares one question between many callers at once', async () => {
    hosts.delay = sleep(20)
    const answers = await Promise.all(Array.from({ length: 50 }, () => resolver.resolve('acme.example')))
    expect(answers.every((a) => a === shop)).to.equal(true)
    expect(hosts.asked).to.equal(1)
  })

  it('remembers unknown hosts, but only so many of them, and never at the cost of a shop', async () => {
    await resolver.resolve('acme.example')
    for (let i = 0; i < 500; i++) expect(await resolver.resolve(`noise${i}.example`)).to.equal(null)
    expect(resolver.sizesNow()).to.deep.equal({ known: 1, unknown: 10 })
    const before = hosts.asked
    await resolver.resolve('noise499.example')
    await resolver.resolve('acme.example')
    expect(hosts.asked).to.equal(before)
  })

  it('keeps the hosts asked for lately when there are more than it holds', async () => {
    resolver = resolverOver(hosts, { known: 2, unknown: 10 })
    for (const name of ['a.example', 'b.example', 'c.example']) hosts.known.set(name, shop)
    for (const name of ['a.example', 'b.example', 'a.example', 'c.example']) await resolver.resolve(name)
    const before = hosts.asked
    await resolver.resolve('a.example')
    expect(hosts.asked).to.equal(before)
    await resolver.resolve('b.example')
    expect(hosts.asked).to.equal(before + 1)
  })

  it('shows a change made by another process within a second and a half: new, moved and gone', async () => {
    expect(await resolver.resolve('new.example')).to.equal(null)
    expect(await resolver.resolve('acme.example')).to.equal(shop)
    hosts.known.set('new.example', shop).set('acme.example', moved)
    hosts.changes++
    await sleep(1200)
    expect(await resolver.resolve('new.example')).to.equal(shop)
    expect(await resolver.resolve('acme.example')).to.equal(moved)
  })

  it('never writes back an answer that was looked up before a change', async () => {
    let release = (): void => undefined
    hosts.delay = new Promise<void>((resolve) => (release = resolve))
    const slow = resolver.resolve('acme.example')
    await sleep(5)
    hosts.known.set('acme.example', moved)
    resolver.forget()
    const later = resolver.resolve('acme.example')
    await sleep(5)
    release()
    expect(await slow).to.equal(shop)
    expect(await later).to.equal(moved)
    expect(await resolver.resolve('acme.example')).to.equal(moved)
  })

  it('goes on answering for known hosts while the directory is away', async () => {
    await resolver.resolve('acme.example')
    hosts.down = true
    await sleep(1000)
    expect(await resolver.resolve('acme.example')).to.equal(shop)
  })

  it('tries again after a directory that was away at the first question', async () => {
    hosts.down = true
    const first = await resolver.resolve('acme.example').catch((error: Error) => error.message)
    expect(first).to.equal('central is away')
    hosts.down = false
    expect(await resolver.resolve('acme.example')).to.equal(shop)
  })
})
