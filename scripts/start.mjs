#!/usr/bin/env node
// `npm start`: everything a new machine needs, then the demo. `npm run dev` is the same with reload on change.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { end, onSignal } from './ending.mjs'
import { compile } from './compile.mjs'
import { ensureMachine, home, root, savedEnv, saveEnv, say, writtenEnv } from './setup.mjs'
import { startDatabase } from './private-database.mjs'

const watch = process.argv.includes('--watch')
say('EZSCALE platform: preparing this machine')
const own = !(process.env.DATABASE_URL ?? writtenEnv().DATABASE_URL)
if (own && savedEnv().DATABASE_URL) saveEnv({ DATABASE_URL: undefined })
const env = ensureMachine({ database: own })
const database = own ? await startDatabase({ dir: path.join(home, 'database') }) : null
if (database) {
  env.DATABASE_URL = database.url
  saveEnv({ DATABASE_URL: database.url, ...(env.CHROMIUM_PATH ? { CHROMIUM_PATH: env.CHROMIUM_PATH } : {}) })
}

const program = watch ? ['--import', 'tsx', '--watch', '--watch-preserve-output', 'scripts/demo.ts'] : ['--enable-source-maps', `${await compile()}/scripts/demo.js`]
const child = spawn(process.execPath, [...program, ...process.argv.slice(2).filter((arg) => arg !== '--watch')], { cwd: root, env, stdio: 'inherit' })
// The demo stops first, then the database that we started for it.
onSignal((signal) => child.kill(signal))
child.on('exit', (code, signal) => void end(code ?? (signal ? 130 : 1)))
