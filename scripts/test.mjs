#!/usr/bin/env node
// `npm test`: the same set-up as npm start, then the whole suite against a real database and a real browser.
// `npm test -- FILES or mocha options`: those only, in one mocha.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { end, onSignal } from './ending.mjs'
import { builtName, compile } from './compile.mjs'
import { ensureMachine, home, root, say } from './setup.mjs'
import { startDatabase } from './private-database.mjs'
import { runAll } from './test-all.mjs'

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

const asked = process.argv.slice(2)
const code = asked.length ? await new Promise((done) => mocha(asked, 'inherit').on('exit', (status) => done(status ?? 1))) : await runAll(mocha, built)
await end(code)
