/** The worker process: jobs and timetable. As many of them may run as you like. */
import { config } from '../shared/config.js'
import { startWorker, stopWorker } from '../shared/jobs/worker.js'
import { closePdf } from '../shared/pdf/render-pdf.js'
import { boot, shutdown } from './boot.js'
import { runProcess } from './process.js'

await runProcess(async () => {
  config()
  await boot()
  await startWorker()
  return async () => {
    await stopWorker()
    await closePdf()
    await shutdown()
  }
})
