// The whole suite: the long stories in a process each, all other files some together, because most of a short test's time is loading and warming the same code.
// Each file makes and drops databases of its own, wherever it runs.
import { readdirSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { builtName } from './compile.mjs'
import { root } from './setup.mjs'

/** Source bytes of one batch; stories have a batch each. */
const mostBytes = 90_000
/** It looks at what its own imports register, in their order. */
const alone = 'tenant/timetable.test.ts'
const isStory = (file) => file.startsWith('scripts/') || file.includes('/scenarios/') || file === alone

function testFiles(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    return entry.isDirectory() ? testFiles(file) : file.endsWith('.test.ts') ? [file] : []
  })
}

/** Neighbours stay together: they load the same code. The long ones first, so that all lanes finish together. */
function batches(files) {
  const size = (file) => statSync(path.join(root, file)).size
  const made = files.filter(isStory).map((file) => ({ files: [file], weight: 1e9 + size(file) }))
  let last = null
  for (const file of files.filter((f) => !isStory(f))) {
    if (!last || last.weight + size(file) > mostBytes) made.push(last = { files: [], weight: 0 })
    last.files.push(file)
    last.weight += size(file)
  }
  return made.sort((a, b) => b.weight - a.weight)
}

/** Mocha's closing part, where the failures stand. */
const closing = (output) => output.slice(Math.max(0, output.search(/^ +\d+ passing/m)))

/** `mocha(files, stdio)` starts one process. Answers the exit code. */
export async function runAll(mocha, built) {
  const queue = batches(['shared', 'tenant', 'central', 'scripts'].flatMap(testFiles))
  const total = queue.reduce((n, batch) => n + batch.files.length, 0)
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const broken = new Map()
  let ended = 0

  function told(file, result, note = '') {
    for (const key of Object.keys(sum)) sum[key] += result[key]
    console.log(`${result.failed ? '✘' : '✔'} [${++ended}/${total}] ${file}: ${result.passed} passed${result.failed ? `, ${result.failed} failed` : ''} (${result.seconds.toFixed(1)} s)${note}`)
  }

  const run = (files) => new Promise((done) => {
    const open = new Map(files.map((file) => [path.join(built, builtName(file)), file]))
    const failed = []
    const child = mocha(files, ['ignore', 'pipe', 'pipe', 'ipc'])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('message', (result) => {
      const file = open.get(result.file)
      open.delete(result.file)
      if (result.failed) failed.push(file)
      told(file, result)
    })
    child.on('close', (code) => {
      // A process that ends early has failed at all that it did not come to.
      for (const file of open.values()) told(file, { passed: 0, failed: 1, skipped: 0, seconds: 0 }, ' — the process ended without it')
      failed.push(...open.values())
      if (code && !failed.length) {
        told(files[0], { passed: 0, failed: 1, skipped: 0, seconds: 0 }, ` — exit code ${code}`)
        failed.push(files[0])
      }
      if (failed.length) console.log(closing(output))
      for (const file of failed) broken.set(file, closing(output))
      done()
    })
  })
  const lane = async () => {
    for (let batch = queue.shift(); batch; batch = queue.shift()) await run(batch.files)
  }
  // One more than there are processors: a test also waits for its database and its clock.
  const lanes = Number(process.env.TEST_LANES) || Math.min(5, os.availableParallelism() + 1)
  await Promise.all(Array.from({ length: lanes }, lane))
  // Once more at the end, where a reader of a long log looks.
  for (const text of new Set(broken.values())) console.log(text)
  if (broken.size) console.log(`\nFailed: ${[...broken.keys()].join(' ')}\nRun one alone: npm test -- ${[...broken.keys()][0]}`)
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`)
  return sum.failed || !sum.passed ? 1 : 0
}
