#!/usr/bin/env node
// `npm test`: the same set-up as npm start, then the whole suite against a real database and a real browser; every file in a process of its own.
// `npm test -- FILES or mocha options`: those only, in one mocha.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { end, onSignal } from './ending.mjs'
import { builtName, compile } from './compile.mjs'
import { ensureMachine, home, root, say } from './setup.mjs'
import { startDatabase } from './private-database.mjs'

say('EZSCALE platform: preparing this machine for the tests')
// Only from the environment: tests make and drop databases, which nobody wants on the server of a demo or of .env.
const given = process.env.DATABASE_URL
const machine = ensureMachine({ browser: 'required', database: !given })
// Of what a demo has written down, tests use the key and the browser only.
const env = { ...process.env, MASTER_KEY: machine.MASTER_KEY, CHROMIUM_PATH: machine.CHROMIUM_PATH }
const built = await compile()
const database = given ? null : await startDatabase({ dir: path.join(home, 'test-database'), fast: true, fresh: true })
env.DATABASE_URL = given || database.url
Object.assign(env, { NODE_ENV: 'test', LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent', ALLOW_PRIVATE_OUTSIDE: '1' })
say(`running against ${env.DATABASE_URL.replace(/:[^:@/]*@/, ':…@')}`)

const children = new Set()
onSignal((signal) => {
  for (const child of children) child.kill(signal)
})

/** The options of .mocharc.json without its loader: the files are compiled already. */
const { 'node-option': _loader, ...options } = JSON.parse(readFileSync(path.join(root, '.mocharc.json'), 'utf8'))
const flags = Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]))

function mocha(args, stdio) {
  const given = args.map((arg) => (arg.endsWith('.test.ts') ? path.join(built, builtName(path.relative(root, path.resolve(root, arg)))) : arg))
  const child = spawn(process.execPath, ['--enable-source-maps', 'node_modules/mocha/bin/mocha.js', '--no-config', ...flags, ...given], { cwd: root, env, stdio })
  children.add(child)
  child.on('exit', () => children.delete(child))
  return child
}

function testFiles(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    return entry.isDirectory() ? testFiles(file) : file.endsWith('.test.ts') ? [file] : []
  })
}

/** One file; answers what its closing line counts. A process that ends without that line has failed. */
function runFile(file) {
  return new Promise((done) => {
    const begun = Date.now()
    const child = mocha([file], ['ignore', 'pipe', 'pipe'])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      const line = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(output)
      const [passed, failed, skipped] = line ? line.slice(1).map((n) => Number(n ?? 0)) : [0, 1, 0]
      done({ file, passed, failed: failed || (code ? 1 : 0), skipped, output, seconds: (Date.now() - begun) / 1000 })
    })
  })
}

async function runAll() {
  // The long stories first, so that both ends of the queue finish together.
  const weight = (file) => (file.startsWith('scripts/') || file.includes('/scenarios/') ? 1e9 : statSync(path.join(root, file)).size)
  const queue = ['shared', 'tenant', 'central', 'scripts'].flatMap(testFiles).sort((a, b) => weight(b) - weight(a))
  const total = queue.length
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const broken = []
  let ended = 0
  const lane = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const result = await runFile(file)
      for (const key of Object.keys(sum)) sum[key] += result[key]
      const mark = result.failed ? '✘' : '✔'
      console.log(`${mark} [${++ended}/${total}] ${file}: ${result.passed} passed${result.failed ? `, ${result.failed} failed` : ''} (${result.seconds.toFixed(1)} s)`)
      if (result.failed) {
        broken.push(file)
        console.log(result.output)
      }
    }
  }
  const lanes = Number(process.env.TEST_LANES) || Math.max(1, Math.min(4, os.availableParallelism()))
  await Promise.all(Array.from({ length: lanes }, lane))
  if (broken.length) console.log(`\nFailed: ${broken.join(' ')}\nRun one alone: npm test -- ${broken[0]}`)
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`)
  return sum.failed || !sum.passed ? 1 : 0
}

const asked = process.argv.slice(2)
const code = asked.length ? await new Promise((done) => mocha(asked, 'inherit').on('exit', (status) => done(status ?? 1))) : await runAll()
await end(code)
