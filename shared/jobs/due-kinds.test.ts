import { expect } from 'chai'
import { DueKinds, type Question } from './due-kinds.js'

const about = (name: string): Question => ({ name, nextScanAt: new Date(0), lockDeadline: new Date(0) })

describe('Questions for due jobs', () => {
  it('go together into one look at a time, and each is answered by a look that began after it', async () => {
    const looks: string[][] = []
    const answers: Array<() => void> = []
    const due = new Set(['a'])
    const kinds = new DueKinds(async (questions) => {
      looks.push(questions.map((q) => q.name))
      const seen = new Set(due)
      await new Promise<void>((done) => answers.push(done))
      return seen
    })
    const first = [kinds.has(about('a')), kinds.has(about('b'))]
    await new Promise(setImmediate)
    due.add('b') // committed while the first look is under way
    const later = Array.from({ length: 500 }, () => kinds.has(about('b')))
    await new Promise(setImmediate)
    expect(looks).to.deep.equal([['a', 'b']])
    answers.shift()!()
    expect(await Promise.all(first)).to.deep.equal([true, false])
    await new Promise(setImmediate)
    answers.shift()!()
    expect(new Set(await Promise.all(later))).to.deep.equal(new Set([true]))
    expect(looks).to.have.length(2)
  })

  it('are asked anew after a look that failed', async () => {
    let tries = 0
    const kinds = new DueKinds(async () => {
      if (tries++ === 0) throw new Error('the database is away')
      return new Set(['a'])
    })
    expect(await kinds.has(about('a')).catch((error: Error) => error.message)).to.equal('the database is away')
    expect(await kinds.has(about('a'))).to.equal(true)
  })
})
