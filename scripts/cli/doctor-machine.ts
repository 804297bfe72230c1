/** Checks that need no database. */
import { accessSync, constants } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { config } from '../../shared/config.js'
import { readBundle } from '../../shared/database/migration-bundle.js'
import { readSnapshot } from '../../shared/tenancy/snapshot.js'
import { fail, ok, want, warn, type Check } from './doctor-check.js'

const root = path.resolve(import.meta.dirname, '../..')

/** Whether something listens there. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
    const end = (yes: boolean) => () => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

async function reachable(check: string, url: string, port: number, fix: string): Promise<Check> {
  const { hostname, port: given } = new URL(url)
  const where = `${hostname}:${given || port}`
  return (await answers(hostname, Number(given || port))) ? ok(check, where) : warn(check, `nothing answers at ${where}`, fix)
}

function chromium(): Check {
  const { CHROMIUM_PATH } = config()
  try {
    accessSync(CHROMIUM_PATH, constants.X_OK)
    return ok('browser for PDFs', CHROMIUM_PATH)
  } catch {
    return fail('browser for PDFs', `${CHROMIUM_PATH} is not there`, 'apt-get install chromium, or set CHROMIUM_PATH')
  }
}

function snapshot(): Check {
  const bundle = readBundle('tenant')
  const state = readSnapshot(bundle)
  return want('schema snapshot', state !== null && state !== 'stale', state === null ? 'missing' : state === 'stale' ? 'made from other migrations' : `of ${bundle.files.length} migrations`, 'warn', 'ezscale snapshot write (new tenants replay every migration until then)')
}

/** In order of how much depends on them. */
export async function machineChecks(): Promise<Check[]> {
  const { NODE_ENV, SMTP_URL, MONGODB_URL, PUBLIC_SCHEME } = config()
  const [major, minor] = process.versions.node.split('.').map(Number)
  const disk = await statfs(root)
  const free = (disk.bavail * disk.bsize) / 2 ** 30
  return [
    want('Node', major! > 20 || (major === 20 && minor! >= 18), `v${process.versions.node}`, 'fail', 'Install Node 20.18 or newer'),
    ok('configuration', `${NODE_ENV}, links are ${PUBLIC_SCHEME}`),
    want('free disk', free > 2, `${free.toFixed(1)} GB`, free > 0.5 ? 'warn' : 'fail', 'A full disk stops the database. Make room'),
    want('time zones', Intl.supportedValuesOf('timeZone').length > 400, `${Intl.supportedValuesOf('timeZone').length} known`, 'fail', 'Install a Node with full ICU'),
    snapshot(),
    chromium(),
    await reachable('mail server', SMTP_URL, 25, 'Letters wait in the outbox until it answers. See SMTP_URL'),
    ...(MONGODB_URL ? [await reachable('job store (MongoDB)', MONGODB_URL, 27017, 'Jobs are parked until it answers. See MONGODB_URL')] : [ok('job store', 'the central database')]),
  ]
}
