/** For supervisors and load balancers. Alive needs nothing; ready needs the central database and a process that is not leaving. */
import { Router, type Request, type Response } from 'express'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { centralDb } from '../database/central-database.js'
import { asCentral } from '../tenancy/as-central.js'
import { config } from '../config.js'
import { fromLoopback, metrics } from './metrics.js'

let leaving = false
/** From now on readyz is red, so that nobody sends new requests. */
export function setLeaving(value: boolean): void {
  leaving = value
}
export const isLeaving = (): boolean => leaving

const version = (JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version

async function centralAnswers(): Promise<boolean> {
  const ask = asCentral(async () => { await centralDb().raw('select 1') })
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), 2000).unref())
  return Promise.race([ask, late]).then(() => true, () => false)
}

async function readyz(req: Request, res: Response): Promise<void> {
  const central = await centralAnswers()
  const ready = central && !leaving
  res.status(ready ? 200 : 503).set('Cache-Control', 'no-store')
  if (fromLoopback(req)) res.json({ ready, central, leaving })
  else res.json({ ready })
}

/** Answers on every host, before any tenant is looked up; sets no cookie. */
export function healthRoutes(): Router {
  const router = Router()
  router.get('/healthz', (_req, res) => void res.set('Cache-Control', 'no-store').json({ alive: true }))
  router.get('/readyz', readyz)
  router.get('/version', (_req, res) => void res.set('Cache-Control', 'no-store').json({ version }))
  if (config().METRICS_PORT === 0) router.get('/metrics', metrics)
  return router
}
