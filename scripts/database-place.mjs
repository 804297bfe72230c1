// Where a private database lies, which server runs there, and how it is stopped. Plain Node: it runs before any package is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fail, say } from './setup.mjs'

export const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/** The server greets first, so a connection that receives bytes is a database that answers. */
export function answers(port) {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1')
    const end = (result) => {
      socket.destroy()
      done(result)
    }
    socket.once('data', () => end(true)).once('error', () => end(false))
    socket.setTimeout(1000, () => end(false))
  })
}

/** Whether this process lives and was started with this word, or with a path that ends in it. A number of a dead process may be somebody else's by now, and a zombie has no words. */
export function isProcess(pid, word) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').some((given) => given === word || given.endsWith(`/${word}`))
  } catch {
    return !existsSync('/proc/self')
  }
}

export const numberIn = (file) => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)

/** The server that runs in this folder, by the file that it writes itself; null when none does. */
export function serverIn(dir) {
  const pid = numberIn(path.join(dir, 'data', 'server.pid'))
  return pid && isProcess(pid, `--datadir=${dir}/data`) ? { pid, port: numberIn(path.join(dir, 'port')) } : null
}

/** Ends the server of this folder and waits until it has let go of its files, 15 seconds at most. */
export async function stopServer(dir, pid) {
  const word = `--datadir=${dir}/data`
  if (isProcess(pid, word)) process.kill(pid, 'SIGTERM')
  for (let i = 0; i < 150 && isProcess(pid, word); i++) await pause(100)
}

/** As root the server runs as another account, which must be able to reach its folder. A home folder usually cannot be. */
function reachable(dir) {
  if (process.getuid?.() !== 0 || spawnSync('id', ['-u', 'mysql']).status !== 0) return true
  return spawnSync('setpriv', ['--reuid=mysql', '--regid=mysql', '--clear-groups', 'test', '-x', dir]).status === 0
}

/** Everybody may write to /var/tmp: what lies there under our name must be a folder of ours or of the server's account. */
function checkOwner(dir) {
  const found = lstatSync(dir, { throwIfNoEntry: false })
  const mysql = Number(spawnSync('id', ['-u', 'mysql']).stdout)
  if (found && (!found.isDirectory() || ![0, mysql].includes(found.uid))) fail(`${dir} is in the way: it is not ours. Remove it, or set DATABASE_URL.`)
}

/**
 * The folder of the database: `wanted` in the checkout, or one in /var/tmp where the server's account cannot reach that.
 * `wanted` itself is the mark that the one in /var/tmp belongs to this set-up: when somebody has deleted it (`.ezscale`, to begin again, with the key that sealed what is
 * in there), the other one is stopped and emptied.
 */
export async function placeFor(wanted) {
  const other = path.join('/var/tmp', `ezscale-${createHash('sha1').update(wanted).digest('hex').slice(0, 10)}`)
  if (!existsSync(wanted) && existsSync(other)) {
    checkOwner(other)
    const left = serverIn(other)
    if (left) await stopServer(other, left.pid)
    say(`beginning again: emptying ${other}`)
    rmSync(other, { recursive: true, force: true })
  }
  mkdirSync(wanted, { recursive: true, mode: 0o755 })
  if (reachable(wanted)) return wanted
  checkOwner(other)
  mkdirSync(other, { recursive: true, mode: 0o755 })
  return other
}
