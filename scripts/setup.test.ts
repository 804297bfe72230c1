import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

describe('the set-up of a checkout', () => {
  let checkout: string
  const file = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(checkout, name)), { recursive: true })
    writeFileSync(path.join(checkout, name), text)
  }
  before(() => {
    checkout = mkdtempSync(path.join(tmpdir(), 'ezscale-setup-'))
    file('package-lock.json', '{}')
    file('.ezscale/packages', createHash('sha256').update('{}').digest('hex'))
    file('node_modules/tsx/here', '')
    file('scripts/here', '')
    copyFileSync(realpathSync(path.join(import.meta.dirname, 'setup.mjs')), path.join(checkout, 'scripts/setup.mjs'))
  })
  after(() => rmSync(checkout, { recursive: true, force: true }))

  it('reads settings by the rule of the command line: the environment beats .env, and that beats what the set-up made itself', () => {
    file('.ezscale/env', 'MASTER_KEY=made\nSMTP_URL=made\nMAIL_FROM=made\n')
    file('.env', 'SMTP_URL=written\nMAIL_FROM=written\n')
    const text = `const { ensureMachine } = await import('./scripts/setup.mjs'); const { MASTER_KEY, SMTP_URL, MAIL_FROM } = ensureMachine({ browser: 'none', database: false }); console.log([MASTER_KEY, SMTP_URL, MAIL_FROM].join())`
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', text], { cwd: checkout, env: { PATH: process.env['PATH'], MAIL_FROM: 'given' }, encoding: 'utf8' })
    expect(out.trim()).to.equal('made,written,given')
  })
})
