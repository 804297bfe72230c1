/** The web process. */
import { consoleApp, platformApp } from '../central/app.js'
import { config } from '../shared/config.js'
import { createApp } from '../shared/http/app.js'
import { listen } from '../shared/http/server.js'
import { log } from '../shared/log.js'
import { closePdf } from '../shared/pdf/render-pdf.js'
import { tenantApp } from '../tenant/app.js'
import { boot, shutdown } from './boot.js'
import { runProcess } from './process.js'

await runProcess(async () => {
  const { PORT, BIND } = config()
  await boot()
  const server = await listen(createApp({ tenantApp, consoleApp, platformApp }), { port: PORT, bind: BIND })
  log().info({ port: server.port }, 'web is listening')
  return async () => {
    await server.stop({ leadMs: 1000 })
    await closePdf()
    await shutdown()
  }
})
