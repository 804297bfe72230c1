import { expect } from 'chai'
import { safeUrl } from './safe-url.js'

describe('Addresses in templates', () => {
  for (const good of ['/invoices/7Qm2?x=1&y=2#top', '#main', '?page=2', 'invoices', 'https://shop.example/a:b', 'HTTP://shop.example', 'mailto:help@shop.example', '/a:b', '']) {
    it(`lets ${JSON.stringify(good)} pass`, () => expect(safeUrl(good)).to.equal(good || '#'))
  }

  const bad = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)', 'javascript&colon;alert(1)'.replace('&colon;', ':'),
    'data:text/html,<script>alert(1)</script>', 'vbscript:msgbox(1)', 'file:///etc/passwd', 'blob:https://x/y', '//evil.example', '\\\\evil.example', '/\\evil.example', 'https:\\\\evil.example', 'https://', 'ftp://x', 'view-source:https://x',
    'x-custom:1', ' \u2028javascript:alert(1)']
  for (const address of bad) it(`refuses ${JSON.stringify(address)}`, () => expect(safeUrl(address)).to.equal('#'))

  it('refuses what is not text', () => {
    for (const value of [null, undefined, 7, {}, ['https://x'], { toString: () => 'javascript:1' }]) expect(safeUrl(value)).to.equal('#')
  })
})
