#!/usr/bin/env node
// `npm run lint`: types, lint, import law, view rules, landed migrations, dead code. Stops at nothing; fails when any of them does.
import { spawnSync } from 'node:child_process'
import { ensureMachine, root, say } from './setup.mjs'

ensureMachine({ browser: 'none', database: false })
const bin = (name) => `node_modules/.bin/${name}`
const checks = [
  ['types', process.execPath, ['node_modules/typescript7/bin/tsc', '--noEmit', '-p', '.']],
  ['lint', bin('eslint'), ['--max-warnings', '0', '.']],
  ['import law', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', 'shared', 'tenant', 'central', 'scripts']],
  ['views', process.execPath, ['scripts/lint-views.mjs']],
  ['migrations', process.execPath, ['scripts/lint-migrations.mjs']],
  ['dead code', bin('knip'), ['--no-progress']],
]
let failed = 0
for (const [name, command, args] of checks) {
  say(`checking ${name}`)
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 26 })
  process.stdout.write(result.stdout ?? '')
  // A run that looked at nothing proves nothing.
  const empty = name === 'import law' && !/\((\d{2,}) modules/.test(result.stdout ?? '')
  if (result.status !== 0 || empty) {
    failed++
    process.stdout.write(`${name}: ${empty ? 'looked at no modules' : 'failed'}\n`)
  }
}
process.exit(failed ? 1 : 0)
