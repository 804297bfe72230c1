import { expect } from 'chai'
import type { Account } from './physical.js'
import type { Waiter } from './waiting-line.js'
import { WaitingLine } from './waiting-line.js'

const account = (key: string): Account => ({ key, user: key, password: '', database: key })
const waiter = (key: string): Waiter => ({ account: account(key), since: 0, passed: 0, timer: setTimeout(() => undefined, 0), resolve: () => undefined, reject: () => undefined })

describe('The waiting line', () => {
  const lineOf = (budget: number, ...keys: string[]) => {
    const line = new WaitingLine(budget)
    for (const key of keys) line.add(waiter(key))
    return line
  }
  const serve = (line: WaitingLine, connectionOf?: string) => {
    const next = line.next(connectionOf === undefined ? undefined : account(connectionOf)) as Waiter
    line.leave(next)
    return next.account.key
  }

  it('serves who came first', () => {
    const line = lineOf(4, 'a', 'b', 'c')
    expect([serve(line), serve(line), serve(line), line.size]).to.eql(['a', 'b', 'c', 0])
  })

  it('prefers a waiter of the connection\'s own tenant, but passes over the first one only a few times', () => {
    const line = lineOf(100, 'a', 'b', 'b', 'b', 'b', 'b', 'b')
    expect(Array.from({ length: 6 }, () => serve(line, 'b'))).to.eql(['b', 'b', 'b', 'b', 'a', 'b'])
  })

  it('passes over a tenant that holds its share, unless nobody else waits', () => {
    const line = lineOf(4, 'a', 'a', 'b')
    line.hold(account('a'), 1)
    line.hold(account('a'), 1)
    expect(serve(line)).to.equal('b')
    expect(serve(line)).to.equal('a')
  })

  it('forgets a tenant that neither holds nor waits', () => {
    const line = lineOf(4, 'a')
    serve(line)
    expect(line.busiest(5)).to.eql([])
    line.hold(account('b'), 1)
    expect(line.busiest(5)).to.eql([{ key: 'b', held: 1, waiting: 0 }])
  })
})
