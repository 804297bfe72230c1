// What a machine needs, found or installed, in plain Node so that it runs before any package is there.
// Used by start, test and bench. Says what it does; when it may not install something it says what to install.
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'

export const root = path.resolve(import.meta.dirname, '..')
export const home = path.join(root, '.ezscale')
const asRoot = process.getuid?.() === 0
let aptUpdated = false

export function say(text) {
  process.stdout.write(`\x1b[2m·\x1b[0m ${text}\n`)
}

/** Ends the process with a reason and a way out. 78 is the exit code for a configuration that does not hold. */
export function fail(text) {
  process.stderr.write(`\n${text}\n`)
  process.exit(78)
}

/** First of these programs that exists, in PATH or in the usual system folders. */
export function findProgram(...names) {
  for (const name of names) {
    if (!name) continue
    if (name.includes('/')) {
      if (existsSync(name)) return name
      continue
    }
    for (const dir of [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', '/snap/bin']) {
      const file = path.join(dir, name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // not in this folder
      }
    }
  }
  return null
}

function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options }).status === 0
}

function aptInstall(...packages) {
  if (!asRoot || !findProgram('apt-get')) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  if (!aptUpdated) {
    say('reading the list of system packages (apt-get update)')
    aptUpdated = run('apt-get', ['update', '-qq'], { env })
  }
  say(`installing ${packages.join(', ')} from the system's packages`)
  return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer (22 and 24 are fine), then run this again.`)
}

function ensurePackages() {
  const lock = path.join(root, 'package-lock.json')
  const stamp = path.join(home, 'packages')
  const want = createHash('sha256').update(readFileSync(lock)).digest('hex')
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (have === want && existsSync(path.join(root, 'node_modules', 'tsx'))) return
  // Through a link npm would empty the folder of somebody else's checkout.
  const modules = path.join(root, 'node_modules')
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(modules)
  say('installing npm packages (about a minute the first time)')
  // Nothing we use needs an install script: the browser comes from the system, native parts come inside their packages.
  if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])) fail('npm could not install the packages. Look at the lines above, then run this again.')
  writeFileSync(stamp, want)
}

const databaseProgram = () => findProgram('mariadbd', 'mysqld')

function ensureDatabaseProgram() {
  if (databaseProgram()) return
  if (aptInstall('mariadb-server-core', 'mariadb-client-core') && databaseProgram()) return
  fail(
    'A database is missing. Do one of these, then run this again:\n' +
      '  - install MariaDB 10.6 or newer:  sudo apt-get install mariadb-server-core mariadb-client-core\n' +
      '  - or point DATABASE_URL at a MariaDB or MySQL 8.0+ server, as an administrator:\n' +
      '      DATABASE_URL=mysql://root:password@127.0.0.1:3306',
  )
}

/** Path of a Chromium that starts, or null. */
function findChromium() {
  const file = findProgram(process.env.CHROMIUM_PATH, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
  if (!file) return null
  return spawnSync(file, ['--version', '--no-sandbox'], { timeout: 20_000 }).status === 0 ? file : null
}

function ensureChromium({ required }) {
  const found = findChromium() ?? (aptInstall('chromium') ? findChromium() : null)
  if (found) return found
  const how = 'install it (sudo apt-get install chromium) or set CHROMIUM_PATH to a Chromium or Chrome'
  if (required) fail(`Chromium is missing: the tests use a real browser. Please ${how}, then run this again.`)
  say(`Chromium is missing: invoices have no PDF until you ${how}.`)
  return null
}

/** Everything a machine needs; `database`: also a program for a private one. Returns the environment that our processes run with. */
export function ensureMachine({ browser = 'wanted', database = true } = {}) {
  ensureNode()
  mkdirSync(home, { recursive: true, mode: 0o755 })
  ensurePackages()
  const env = { ...savedEnv(), ...writtenEnv(), ...process.env }
  if (database) ensureDatabaseProgram()
  const chromium = browser === 'none' ? findChromium() : ensureChromium({ required: browser === 'required' })
  if (chromium) env.CHROMIUM_PATH = chromium
  if (!env.MASTER_KEY) {
    env.MASTER_KEY = randomBytes(32).toString('base64')
    saveEnv({ MASTER_KEY: env.MASTER_KEY })
  }
  return env
}

const read = (file) => (existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {})
/** Settings that somebody wrote into `.env`. The rule is that of shared/config.ts: the environment beats them, they beat what our set-up made. */
export const writtenEnv = () => read(path.join(root, '.env'))

const envFile = path.join(home, 'env')
/** Settings our set-up made: the key that seals secrets, the address of the private database. */
export function savedEnv() {
  return read(envFile)
}
export function saveEnv(part) {
  const all = { ...savedEnv(), ...part }
  const lines = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`)
  writeFileSync(envFile, `# Written by our set-up for this checkout; delete the folder .ezscale to start afresh.\n${lines.join('\n')}\n`, { mode: 0o600 })
}
