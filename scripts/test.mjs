#!/usr/bin/env node
// `npm test [-- FILES or mocha options]`: the same set-up, then the whole suite against a real database and a real browser.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { ensureMachine, home, root, say } from './setup.mjs'
import { startDatabase } from './private-database.mjs'

say('EZSCALE platform: preparing this machine for the tests')
const given = process.env.DATABASE_URL
const machine = ensureMachine({ browser: 'required' })
// Of what a demo has written down, tests use the key and the browser only.
const env = { ...process.env, MASTER_KEY: machine.MASTER_KEY, CHROMIUM_PATH: machine.CHROMIUM_PATH }
const database = given ? null : await startDatabase({ dir: path.join(home, 'test-database'), fast: true, fresh: true })
env.DATABASE_URL = given || database.url
Object.assign(env, { NODE_ENV: 'test', LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent', ALLOW_PRIVATE_OUTSIDE: '1' })
say(`running the suite against ${env.DATABASE_URL.replace(/:[^:@/]*@/, ':…@')}`)

const asked = process.argv.slice(2)
const files = asked.some((arg) => arg.endsWith('.ts')) ? [] : ['shared', 'tenant', 'central', 'scripts'].map((folder) => `${folder}/**/*.test.ts`)
const child = spawn(process.execPath, ['node_modules/mocha/bin/mocha.js', ...asked, ...files], { cwd: root, env, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', async (code) => {
  await database?.stop()
  process.exit(code ?? 1)
})
