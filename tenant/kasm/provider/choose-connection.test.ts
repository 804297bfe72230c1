import { expect } from 'chai'
import { MemoryDirectory } from '../../../shared/testing/memory-directory.js'
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import { choose, homeOf } from './choose-connection.js'
import { slugOfUser } from './user-name.js'

const server = (id: number, more: Partial<ProviderConnection> = {}): ProviderConnection => new MemoryDirectory().connect({ id, baseUrl: 'https://kasm.example', secrets: {}, ...more }, more.own ? 'acme' : null)
const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 22, 9, minute))
const chosen = (servers: ProviderConnection[], region: string | null = null): number | undefined => choose(servers, region)?.id

describe('A new workspace', () => {
  it('goes to the shop’s own server before the platform’s, to the emptiest of them, and to the oldest of equals', () => {
    expect(chosen([server(1), server(2, { own: true })])).to.equal(2)
    expect(chosen([server(1, { maxSessions: 10, sessions: 5 }), server(2, { maxSessions: 100, sessions: 10 })])).to.equal(2)
    expect(chosen([server(2), server(1)])).to.equal(1)
  })
  it('goes nowhere that fails, is full, or is switched off, while there is another', () => {
    expect(chosen([server(1, { own: true, health: 'failing', failingSince: at(1) }), server(2)])).to.equal(2)
    expect(chosen([server(1, { maxSessions: 10, sessions: 9 }), server(2, { maxSessions: 10, sessions: 10 })])).to.equal(1)
    expect(chosen([server(1, { maxSessions: 10, sessions: 10 }), server(2, { maxSessions: 20, sessions: 11 })])).to.equal(2)
    expect(chosen([server(1, { active: false }), server(2, { health: 'unknown' })])).to.equal(2)
  })
  it('waits at the least full one when all are full, and at the one that failed last when all fail', () => {
    expect(chosen([server(1, { maxSessions: 10, sessions: 30 }), server(2, { maxSessions: 10, sessions: 10 }), server(3, { health: 'failing', failingSince: at(9) })])).to.equal(2)
    expect(chosen([server(1, { health: 'failing', failingSince: at(1) }), server(2, { health: 'failing', failingSince: at(3) }), server(3, { health: 'failing', failingSince: at(2) })])).to.equal(2)
  })
  it('stays in the region that was asked for, even if only there nothing answers', () => {
    const servers = [server(1, { region: 'us' }), server(2, { region: 'eu', health: 'failing', failingSince: at(1) }), server(3)]
    expect([chosen(servers, 'eu'), chosen(servers, 'us'), chosen(servers, 'asia')]).to.deep.equal([2, 1, undefined])
  })
})

describe('An existing workspace', () => {
  it('lives where it was ordered, also when that was switched off', () => {
    expect(homeOf([server(1), server(2, { active: false })], 2)?.id).to.equal(2)
    expect(homeOf([server(1)], 2)).to.equal(null)
  })
  it('of the time before there were several lives on the platform’s first, not on a server the shop brought later', () => {
    expect(homeOf([server(7, { own: true }), server(4), server(3, { active: false })], null)?.id).to.equal(3)
    expect(homeOf([server(7, { own: true })], null)?.id).to.equal(7)
  })
})

describe('A user’s name at the server', () => {
  it('says which shop it is of, also where one short name begins like another', () => {
    const id = 'k7m2p9q4r8s3t6v5w2x9'
    expect(slugOfUser(`acme-${id}`)).to.equal('acme')
    expect(slugOfUser(`acme-two-${id}`)).to.equal('acme-two')
    for (const other of [`acme-two`, `acme-john`, `acme-${id}0`, `acme-${id.slice(1)}`, `-${id}`, `Acme-${id}`, `acme--two-${id}`, id, '']) expect(slugOfUser(other), other).to.equal(null)
  })
})
