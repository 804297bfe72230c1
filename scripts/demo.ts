/** `npm start` ends here: the whole product on one machine, with simulated outside services, in one process. Not for production. */
import path from 'node:path'
import { consoleApp, platformApp } from '../central/app.js'
import { config, overrideConfig } from '../shared/config.js'
import { createApp } from '../shared/http/app.js'
import { listen } from '../shared/http/server.js'
import { log } from '../shared/log.js'
import { startWorker, stopWorker } from '../shared/jobs/worker.js'
import { closePdf } from '../shared/pdf/render-pdf.js'
import { tenantApp } from '../tenant/app.js'
import { boot, shutdown } from './boot.js'
import { migrateShops } from './demo/migrate-shops.js'
import { demoTable } from './demo/table.js'
import { resolveLocalhostNames } from './demo/localhost.js'
import { startOutside, type Outside } from './demo/outside.js'
import { rememberAddresses } from './demo/remember.js'
import { seedDemo } from './demo/seed.js'
import { withDevelopmentPages } from './development-pages.js'
import { migrateCentral } from './migrate-central.js'
import { runProcess } from './process.js'

const say = (text: string): void => void process.stdout.write(`\x1b[2m·\x1b[0m ${text}\n`)

async function serve(outside: Outside) {
  const sites = { tenantApp: withDevelopmentPages(tenantApp, outside.mail), consoleApp: withDevelopmentPages(consoleApp, outside.mail), platformApp: withDevelopmentPages(platformApp, outside.mail) }
  const { PORT, BIND } = config()
  try {
    return await listen(createApp(sites), { port: PORT, bind: BIND })
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${PORT} is taken. Stop what uses it, or choose another: PORT=3100 npm start`, { cause: error })
  }
}

await runProcess(async () => {
  if (config().NODE_ENV === 'production') throw new Error('The demo does not run in production: start scripts/server.ts and scripts/worker.ts instead.')
  // Warnings stand on the demo's pages; here they would bury the table of addresses.
  if (!process.env['LOG_LEVEL']) overrideConfig({ LOG_LEVEL: 'error' })
  resolveLocalhostNames()
  const ran = await migrateCentral()
  say(ran ? `central database: ${ran} migrations done` : 'central database is up to date')
  await boot()
  await migrateShops(say)
  const outside = await startOutside(path.resolve(import.meta.dirname, '../.ezscale/demo'), config().PORT + 1)
  rememberAddresses(outside)
  // The shops must answer before the simulated services call them.
  const server = await serve(outside)
  const settle = await seedDemo(outside, server.port, say)
  await startWorker()
  process.stdout.write(demoTable(outside))
  void settle().catch((error: unknown) => log().warn({ err: error }, 'The demo could not stop its second workspace'))
  return async () => {
    say('stopping')
    await server.stop({ graceMs: 5000 })
    await stopWorker(10_000)
    await closePdf()
    await outside.stop()
    await shutdown()
  }
})
