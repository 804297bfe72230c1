// Mocha's spec output, closed by one plain line that machines read. A parent process is told of each file as it ends.
const { reporters: { Spec }, Runner } = require('mocha')
const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants

/** Tells the parent what became of each file: `{ file, passed, failed, skipped, seconds }`. */
function tellOfFiles(runner) {
  let at = null
  const tell = () => at && process.send({ ...at, since: undefined, seconds: (Date.now() - at.since) / 1000 })
  const begin = ({ file }) => {
    if (!file || at?.file === file) return
    tell()
    at = { file, passed: 0, failed: 0, skipped: 0, since: Date.now() }
  }
  const count = (what) => () => at && at[what]++
  runner.on(EVENT_SUITE_BEGIN, begin)
  runner.on(EVENT_TEST_PASS, count('passed'))
  runner.on(EVENT_TEST_FAIL, count('failed'))
  runner.on(EVENT_TEST_PENDING, count('skipped'))
  runner.once(EVENT_RUN_END, tell)
}

module.exports = class extends Spec {
  constructor(runner, options) {
    super(runner, options)
    if (process.send) tellOfFiles(runner)
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats
      console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ''}`)
    })
  }
}
