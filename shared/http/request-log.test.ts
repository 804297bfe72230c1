import { expect } from 'chai'
import { maskPath } from './request-log.js'
import { safePath } from './request.js'

describe('a line of the request log', () => {
  const token = 'Xk3v-_9a'.repeat(5)
  it('holds no link that would open an account', () => {
    expect(maskPath(`/password/reset/${token}`)).to.equal('/password/reset/:token')
    expect(maskPath(`/verify-email/${token}/`)).to.equal('/verify-email/:token/')
  })
  it('keeps the public ids that staff search for', () => expect(maskPath('/invoices/2n3p4q5r6s7t8u9v2w3x/pdf')).to.equal('/invoices/2n3p4q5r6s7t8u9v2w3x/pdf'))
})

describe('a path to go to next', () => {
  for (const path of ['/', '/account', '/order/developer-basic?template=2#top', '/a/b.c~d', '/x?next=%2Faccount']) it(`may be ${path}`, () => expect(safePath(path)).to.equal(path))
  const bad = ['', 'account', '//evil', '///evil', '/\\evil', '\\/evil', 'http://evil', 'https:evil', 'javascript:alert(1)', '/ evil', '/a\tb', '/a\nb', '/\u0000', '/é', ' /', '/..//evil', '/.//evil', `/${'a'.repeat(501)}`, null, 7, ['/a'], { a: 1 }]
  for (const path of bad) it(`is never ${JSON.stringify(path)?.slice(0, 40)}`, () => expect(safePath(path, '/home')).to.equal('/home'))
})
