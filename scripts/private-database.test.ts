import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createConnection } from 'mysql2/promise'
import { startDatabase } from './private-database.mjs'

const program = spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v mariadbd || command -v mysqld']).status === 0
const asMysql = process.getuid?.() === 0 && spawnSync('id', ['-u', 'mysql']).status === 0

async function databases(url: string): Promise<string[]> {
  const connection = await createConnection(url)
  const [rows] = await connection.query('show databases')
  await connection.end()
  return (rows as object[]).map((row) => String(Object.values(row)[0]))
}
async function remember(url: string): Promise<void> {
  const connection = await createConnection(url)
  await connection.query('create database remembered')
  await connection.end()
}

describe('the private database', function () {
  this.timeout(60_000)
  let checkout: string
  before(function () {
    if (!program) this.skip()
    checkout = mkdtempSync(path.join(tmpdir(), 'ezscale-checkout-'))
  })
  after(() => rmSync(checkout, { recursive: true, force: true }))

  it('begins again when .ezscale was deleted, also where it lies in /var/tmp because its account cannot reach the checkout', async function () {
    if (!asMysql) this.skip()
    // mkdtemp makes a folder that only we may enter: the account of the server cannot.
    const dir = path.join(checkout, '.ezscale', 'database')
    const first = await startDatabase({ dir, fast: true })
    await remember(first.url)
    expect(existsSync(path.join(dir, 'data'))).to.equal(false)
    const again = await startDatabase({ dir, fast: true })
    expect(await databases(again.url)).to.include('remembered')
    rmSync(path.join(checkout, '.ezscale'), { recursive: true })
    const fresh = await startDatabase({ dir, fast: true })
    const left = await databases(fresh.url)
    await fresh.stop()
    rmSync(fresh.dir, { recursive: true })
    expect(left).to.include('mysql').and.not.include('remembered')
  })
})
