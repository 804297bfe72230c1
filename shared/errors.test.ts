import { expect } from 'chai'
import { NotFound, Refusal, refusalIn } from './errors.js'

describe('Doing something that the rules may refuse', () => {
  it('answers the refusal, nothing when it was done, and throws everything else on', async () => {
    const no = new Refusal('order.closed', 'It is closed.')
    expect(await refusalIn(async () => { throw no })).to.equal(no)
    expect(await refusalIn(() => { throw no })).to.equal(no)
    expect(await refusalIn(async () => 'done')).to.equal(null)
    const other = new NotFound('order')
    expect(await refusalIn(async () => { throw other }).catch((error: unknown) => error)).to.equal(other)
  })
})
