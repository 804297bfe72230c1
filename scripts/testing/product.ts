/** The whole product for end-to-end tests: its own central database and names, all simulators, web on a free port, worker on request. */
import type { RequestHandler } from 'express'
import { consoleApp, platformApp } from '../../central/app.js'
import { asCentral } from '../../shared/tenancy/as-central.js'
import { connectProvider } from '../../central/providers/connect-provider.js'
import { addStaff } from '../../central/staff/add-staff.js'
import { overrideConfig } from '../../shared/config.js'
import { openAdmin, type AdminConnection } from '../../shared/database/migration-connection.js'
import { createApp } from '../../shared/http/app.js'
import { listen, type RunningServer } from '../../shared/http/server.js'
import { startWorker, stopWorker } from '../../shared/jobs/worker.js'
import { closeSmtp } from '../../shared/mail/smtp.js'
import { closePdf } from '../../shared/pdf/render-pdf.js'
import { forgetHosts } from '../../shared/tenancy/resolve-host.js'
import { dropRun, useOwnNames } from '../../shared/testing/world.js'
import { tenantApp } from '../../tenant/app.js'
import { boot } from '../boot.js'
import { resolveLocalhostNames } from '../demo/localhost.js'
import { withDevelopmentPages } from '../development-pages.js'
import { startOutside, type Outside } from '../demo/outside.js'
import { migrateCentral } from '../migrate-central.js'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export const staffLogin = { email: 'staff@ezscale.localhost', password: 'a quiet harbour town' }

export interface Product {
  port: number
  outside: Outside
  admin: AdminConnection
  /** `http://acme.localhost:41234` */
  at(host: string): string
  stop(): Promise<void>
}

async function serve(outside: Outside): Promise<RunningServer> {
  const withPages = (app: RequestHandler): RequestHandler => withDevelopmentPages(app, outside.mail)
  const server = await listen(createApp({ tenantApp: withPages(tenantApp), consoleApp: withPages(consoleApp), platformApp: withPages(platformApp) }), { port: 0, bind: '127.0.0.1' })
  overrideConfig({ PORT: server.port })
  return server
}

export async function startProduct(options: { worker?: boolean } = {}): Promise<Product> {
  const names = useOwnNames()
  overrideConfig({ TENANT_CONNECTIONS: 24, POOL_SIZE: 0, ...(process.env['WALK_LOG'] ? { LOG_LEVEL: 'info' as const } : {}) })
  resolveLocalhostNames()
  const admin = await openAdmin(1)
  await migrateCentral()
  await boot()
  forgetHosts()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ezscale-test-'))
  const outside = await startOutside(folder, 0)
  outside.kasm.settings.runningAfterMs = 300
  const server = await serve(outside)
  await asCentral(() => addStaff({ ...staffLogin, name: 'Sam Staff', role: 'admin' }))
  await asCentral(() => connectProvider({ kind: 'kasm', name: 'simulated', baseUrl: outside.kasm.url, secrets: { apiKey: outside.kasm.settings.apiKey, apiKeySecret: outside.kasm.settings.apiKeySecret }, settings: {} }))
  if (options.worker) await startWorker({ everyMs: 200 })
  const stop = async (): Promise<void> => {
    await server.stop({ graceMs: 2000 })
    if (options.worker) await stopWorker(5000)
    closeSmtp()
    await closePdf()
    await outside.stop()
    await dropRun(admin, names)
    await admin.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return { port: server.port, outside, admin, at: (host) => `http://${host}:${server.port}`, stop }
}
