// A private MariaDB or MySQL in a folder of this checkout: made, started and stopped by our own scripts.
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { answers, isProcess, pause, placeFor, serverIn, stopServer } from './database-place.mjs'
import { atEnd, end, isEnding } from './ending.mjs'
import { fail, findProgram, say } from './setup.mjs'

function freePort() {
  return new Promise((done, reject) => {
    const probe = net.createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

/** Root drops to the account `mysql` where the system has one; an ordinary user runs as itself. */
function account(dirs) {
  if (process.getuid?.() !== 0) return []
  const known = spawnSync('id', ['-u', 'mysql'])
  if (known.status !== 0) return ['--user=root']
  const gid = Number(spawnSync('id', ['-g', 'mysql']).stdout)
  for (const dir of dirs) chownSync(dir, Number(known.stdout), gid)
  return ['--user=mysql']
}

function initialise(program, dir, user) {
  say('making an empty private database')
  const maria = program.endsWith('mariadbd') || spawnSync(program, ['--version']).stdout?.toString().includes('MariaDB')
  const made = maria
    ? spawnSync(findProgram('mariadb-install-db', 'mysql_install_db'), ['--no-defaults', `--datadir=${dir}/data`, `--tmpdir=${dir}/tmp`, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve', '--force', ...user])
    : spawnSync(program, ['--no-defaults', `--datadir=${dir}/data`, `--tmpdir=${dir}/tmp`, '--initialize-insecure', ...user])
  if (made.status !== 0) fail(`The private database could not be made in ${dir}:\n${made.stderr ?? ''}${made.stdout ?? ''}\nSet DATABASE_URL to use another server.`)
}

/** Tests and demos may lose the last second at a power cut; they must be quick. */
const quick = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--innodb-fast-shutdown=2']

function launch(program, dir, port, user, fast) {
  const socket = path.join(os.tmpdir(), `ezs-${port}.sock`)
  const log = openSync(path.join(dir, 'server.log'), 'a')
  const maria = !spawnSync(program, ['--version']).stdout?.toString().includes('MySQL Community')
  const args = ['--no-defaults', `--datadir=${dir}/data`, `--tmpdir=${dir}/tmp`, `--socket=${socket}`, `--port=${port}`, `--pid-file=${dir}/data/server.pid`,
    '--bind-address=127.0.0.1', '--skip-log-bin', '--skip-name-resolve', '--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_520_ci',
    '--default-time-zone=+00:00', '--max-connections=400', '--innodb-buffer-pool-size=256M', '--table-open-cache=8000', '--performance-schema=OFF', ...user,
    ...(fast ? quick : []), ...(maria ? [] : ['--mysqlx=OFF', '--secure-file-priv=NULL'])]
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
  child.unref()
  return child
}

async function untilAnswers(port, child, dir) {
  for (let i = 0; i < 300; i++) {
    if (await answers(port)) return
    if (child && child.exitCode !== null) break
    await pause(100)
  }
  if (isEnding()) return end(130)
  child?.kill()
  const tail = existsSync(path.join(dir, 'server.log')) ? readFileSync(path.join(dir, 'server.log'), 'utf8').split('\n').slice(-12).join('\n') : ''
  fail(`The private database did not start. The end of ${dir}/server.log:\n${tail}\nSet DATABASE_URL to use another server.`)
}

/** Whether the script that started the server of this folder is still at work, and so will stop it. */
function hasOwner(dir) {
  const [pid, script] = existsSync(path.join(dir, 'owner')) ? readFileSync(path.join(dir, 'owner'), 'utf8').split('\n') : []
  return Boolean(pid) && Number(pid) !== process.pid && isProcess(Number(pid), script)
}

/** This script stops the server when it ends, by whatever end. */
function own(dir, pid) {
  writeFileSync(path.join(dir, 'owner'), `${process.pid}\n${path.basename(process.argv[1] ?? process.argv[0])}`)
  atEnd(() => stopServer(dir, pid))
}

/**
 * A server that runs in this folder already: that of another script at work is shared and left running; one that nobody will stop any more,
 * because its script was killed, becomes ours. Null: there is none, or none that may be used.
 */
async function adopt(dir, fresh) {
  const found = serverIn(dir)
  if (!found) return null
  const shared = hasOwner(dir)
  if (!shared && (fresh || !(await answers(found.port)))) {
    await stopServer(dir, found.pid)
    return null
  }
  if (shared) await untilAnswers(found.port, null, dir)
  else own(dir, found.pid)
  return { dir, url: `mysql://root@127.0.0.1:${found.port}`, started: false, stop: shared ? async () => {} : () => stopServer(dir, found.pid) }
}

/**
 * Starts the database in `wanted` (or in /var/tmp when its account cannot reach that folder), or finds it running.
 * Returns its address, whether we started it, and how to stop it; when this process ends by `end()`, what is ours is stopped anyway.
 */
export async function startDatabase({ dir: wanted, fast = false, fresh = false }) {
  const program = findProgram('mariadbd', 'mysqld')
  const dir = await placeFor(wanted)
  const running = await adopt(dir, fresh)
  if (running) return running
  if (fresh) rmSync(path.join(dir, 'data'), { recursive: true, force: true })
  for (const part of ['data', 'tmp']) mkdirSync(path.join(dir, part), { recursive: true })
  const user = account([dir, path.join(dir, 'data'), path.join(dir, 'tmp')])
  if (!existsSync(path.join(dir, 'data', 'mysql'))) initialise(program, dir, user)
  const port = await freePort()
  writeFileSync(path.join(dir, 'port'), String(port))
  say(`starting a private database on port ${port}`)
  const child = launch(program, dir, port, user, fast)
  own(dir, child.pid)
  await untilAnswers(port, child, dir)
  return { dir, url: `mysql://root@127.0.0.1:${port}`, started: true, stop: () => stopServer(dir, child.pid) }
}
