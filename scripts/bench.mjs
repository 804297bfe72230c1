#!/usr/bin/env node
// `npm run bench [-- --quick] [-- --json]`: the same set-up as the tests, then the measurements, against a database of their own unless DATABASE_URL is set.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { end, onSignal } from './ending.mjs'
import { compile } from './compile.mjs'
import { startDatabase } from './private-database.mjs'
import { ensureMachine, home, root } from './setup.mjs'

const given = process.env.DATABASE_URL
const env = ensureMachine({ browser: 'none', database: !given })
const database = given ? null : await startDatabase({ dir: path.join(home, 'bench-database'), fast: true, fresh: true })
Object.assign(env, { DATABASE_URL: given || database.url, NODE_ENV: 'development', LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent' })
const child = spawn(process.execPath, ['--enable-source-maps', `${await compile()}/scripts/bench/run.js`, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' })
// A Ctrl-C on the terminal reaches the child without us.
onSignal((signal) => signal === 'SIGINT' || child.kill(signal))
child.on('exit', (code) => void end(code ?? 1))
