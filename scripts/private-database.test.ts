import { expect } from 'chai'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createConnection } from 'mysql2/promise'
import { serverIn } from './database-place.mjs'
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

/** Another script, such as npm start, that has its database in this folder; `until` is what it says when the wait is over. */
async function script(dir: string, until: string): Promise<ChildProcess> {
  const text = `const { startDatabase } = await import('./private-database.mjs'); await startDatabase({ dir: ${JSON.stringify(dir)}, fast: true }); console.log('ready'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: realpathSync(import.meta.dirname), stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve) => child.stdout.on('data', (said: Buffer) => String(said).includes(until) && resolve()))
  return child
}
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = new Promise((resolve) => child.on('exit', resolve))
  child.kill(signal)
  await exit
}

describe('the private database', function () {
  this.timeout(60_000)
  let checkout: string
  let open: string
  before(function () {
    if (!program) this.skip()
    checkout = mkdtempSync(path.join(tmpdir(), 'ezscale-checkout-'))
    open = mkdtempSync(path.join(tmpdir(), 'ezscale-checkout-'))
    chmodSync(open, 0o755)
  })
  after(() => [checkout, open].forEach((dir) => dir && rmSync(dir, { recursive: true, force: true })))

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
  it('leaves no server behind when it is interrupted while the server starts', async () => {
    const dir = path.join(open, 'early')
    const child = await script(dir, 'starting a private database')
    await ended(child, 'SIGINT')
    expect([child.exitCode, serverIn(dir)]).to.deep.equal([130, null])
  })

  it('shares the server of a script at work, and takes over and stops the one of a script that was killed', async () => {
    const dir = path.join(open, 'left')
    const child = await script(dir, 'ready')
    const shared = await startDatabase({ dir, fast: true })
    await shared.stop()
    const server = serverIn(dir)
    expect(server).to.not.equal(null)
    await ended(child, 'SIGKILL')
    expect(serverIn(dir)).to.deep.equal(server)
    const ours = await startDatabase({ dir, fast: true })
    expect([ours.started, ours.url]).to.deep.equal([false, shared.url])
    await ours.stop()
    expect(serverIn(dir)).to.equal(null)
  })
})
