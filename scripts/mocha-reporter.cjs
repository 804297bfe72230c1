// Mocha's spec output, closed by one plain line that machines read.
const { reporters: { Spec }, Runner } = require('mocha')
module.exports = class extends Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats
      console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ''}`)
    })
  }
}
