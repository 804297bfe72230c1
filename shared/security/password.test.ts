import { expect } from 'chai'
import { mac, macHolds } from './mac.js'
import { hashPassword, isOutdatedHash, passwordFault, verifyPassword } from './password.js'

describe('a password', () => {
  it('is kept as argon2id and recognised, however the keyboard composes its letters', async () => {
    const stored = await hashPassword('crème brûlée für alle')
    expect(stored).to.match(/^\$argon2id\$/)
    expect(await verifyPassword(stored, 'crème brûlée für alle'.normalize('NFD'))).to.equal(true)
    expect(await verifyPassword(stored, 'creme brulee fur alle')).to.equal(false)
    expect(isOutdatedHash(stored)).to.equal(false)
    expect(isOutdatedHash('$argon2id$v=19$m=4096,t=2,p=1$x')).to.equal(true)
  })

  it('costs the same work for a name that does not exist', async () => {
    const stored = await hashPassword('seven green umbrellas')
    const time = async (hash: string | null) => {
      const began = process.hrtime.bigint()
      for (let i = 0; i < 10; i++) await verifyPassword(hash, 'wrong password')
      return Number(process.hrtime.bigint() - began)
    }
    await time(null)
    const ratio = (await time(null)) / (await time(stored))
    expect(ratio).to.be.within(0.4, 2.5)
    expect(await verifyPassword(null, 'nobody has this password')).to.equal(false)
    expect(await verifyPassword('garbage', 'x')).to.equal(false)
  })

  const bad = ['short', 'aaaaaaaaaaaa', 'Password123!', 'P@ssw0rd2024', '1234567890', 'qwertyuiop', 'iloveyou2026', 'x'.repeat(201), 'ada@example.com', 'AdaLovelace1']
  for (const password of bad) it(`is refused with a reason: ${password.slice(0, 20)}`, () => expect(passwordFault(password, ['Ada Lovelace', 'ada@example.com'])).to.be.a('string'))
  const good = ['seven green umbrellas', 'Tr0ub4dor&3xyz', 'lovelace and her engines', '密码密码密码密码一二三四']
  for (const password of good) it(`is fine: ${password}`, () => expect(passwordFault(password, ['Ada Lovelace', 'ada@example.com'])).to.equal(null))
})

describe('our mark on a value', () => {
  it('holds for the same purpose and the same parts only', () => {
    const mark = mac('cookie', 'a', 'b')
    expect(macHolds(mark, 'cookie', 'a', 'b')).to.equal(true)
    for (const parts of [['a', 'c'], ['ab'], ['a', 'b', ''], ['', 'ab']]) expect(macHolds(mark, 'cookie', ...parts), parts.join('|')).to.equal(false)
    expect(macHolds(mark, 'flash', 'a', 'b')).to.equal(false)
    expect(macHolds('', 'cookie', 'a', 'b')).to.equal(false)
  })
})
