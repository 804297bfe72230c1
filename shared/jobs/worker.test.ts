import { expect } from 'chai'
import { z } from 'zod'
import { spawn } from 'node:child_process'
import { config, overrideConfig } from '../config.js'
import { startMongo } from '../simulators/mongo.js'
import { currentTenant } from '../tenancy/context.js'
import { useWorld } from '../testing/world.js'
import { closeJobStore } from './agenda.js'
import { listJobs } from './console.js'
import { FairShare } from './fair-share.js'
import { defineJob } from './job.js'
import { parkedJobs, resumeAllParked } from './park.js'
import { runDueJobs } from './run-due-jobs.js'
import { startWorker, stopWorker } from './worker.js'
import { scriptBeside } from '../testing/own-process.js'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (what: string, done: () => boolean | Promise<boolean>, ms = 20_000) => {
  for (const end = Date.now() + ms; !(await done()); await pause(25)) if (Date.now() > end) throw new Error(`It did not happen in time: ${what}`)
}

describe('the worker', () => {
  const world = useWorld()
  const log: string[] = []
  let working = 0
  let mostAtOnce = 0
  let failures = 0
  let workMs = 0
  const work = defineJob({
    name: 'worker.work', scope: 'tenant', payload: z.object({ n: z.number() }), attempts: 3, backoffSeconds: 0.2, concurrency: 10,
    handler: async ({ n }) => {
      if (failures-- > 0) throw new Error('not yet')
      mostAtOnce = Math.max(mostAtOnce, ++working)
      await pause(workMs)
      working--
      log.push(`${currentTenant().slug}:${n}`)
    },
  })
  const mine = async () => (await listJobs({ name: 'worker.work' })).total

  beforeEach(async () => {
    Object.assign(log, { length: 0 })
    working = mostAtOnce = failures = workMs = 0
    await world.clean()
  })
  afterEach(async () => stopWorker())

  it('starts a job of this process at once and removes it when it is done', async () => {
    await startWorker({ only: /^worker\./, everyMs: 60_000 })
    await world.as(world.acme, () => work.enqueue({ n: 1 }))
    await until('the job ran', () => log.length === 1, 3000)
    expect(log).to.deep.equal(['acme:1'])
    await until('the job is gone', async () => (await mine()) === 0, 3000)
  })

  it('does not carry the tenant that asked into the job of another', async () => {
    await startWorker({ only: /^worker\./, everyMs: 60_000 })
    for (let n = 0; n < 20; n++) await world.as(n % 2 ? world.acme : world.globex, () => work.enqueue({ n }))
    await until('all ran', () => log.length === 20)
    expect(log.filter((line) => (Number(line.split(':')[1]) % 2 ? 'acme' : 'globex') !== line.split(':')[0])).to.deep.equal([])
  })

  it('tries a failed job again by itself, as the same tenant', async () => {
    failures = 2
    await world.as(world.globex, () => work.enqueue({ n: 5 }))
    await startWorker({ only: /^worker\./, everyMs: 50 })
    await until('the third attempt ran', () => log.length === 1)
    expect(log).to.deep.equal(['globex:5'])
  })

  it('parks a job after its last attempt', async () => {
    failures = 99
    await world.as(world.acme, () => work.enqueue({ n: 5 }))
    await startWorker({ only: /^worker\./, everyMs: 50 })
    await until('the job is parked', async () => (await parkedJobs()).length === 1)
    await until('the job is gone from the queue', async () => (await mine()) === 0)
    expect((await parkedJobs())[0]).to.include({ reason: 'failed', tenant: world.acme.uuid })
  })

  it('gives no tenant more than its share, and lets the others overtake', async () => {
    workMs = 100
    for (let n = 0; n < 24; n++) await world.as(world.acme, () => work.enqueue({ n }))
    await world.as(world.globex, () => work.enqueue({ n: 99 }))
    await startWorker({ only: /^worker\./, everyMs: 50 })
    await until('all ran', () => log.length === 25)
    expect(log.indexOf('globex:99')).to.be.lessThan(12)
    expect(mostAtOnce).to.be.at.most(5)
  })

  it('keeps the same share with jobs in MongoDB', async () => {
    const mongo = await startMongo()
    overrideConfig({ MONGODB_URL: mongo.url })
    try {
      workMs = 100
      for (let n = 0; n < 12; n++) await world.as(world.acme, () => work.enqueue({ n }))
      await world.as(world.globex, () => work.enqueue({ n: 99 }))
      await startWorker({ only: /^worker\./, everyMs: 50 })
      await until('all ran', () => log.length === 13)
      expect(mostAtOnce).to.be.at.most(5)
      expect(log.indexOf('globex:99')).to.be.lessThan(10)
      await stopWorker()
    } finally {
      await closeJobStore()
      overrideConfig({ MONGODB_URL: undefined })
      await mongo.stop()
    }
  })

  it('keeps jobs safe while MongoDB is in trouble, and runs each once when it is back', async () => {
    const mongo = await startMongo()
    overrideConfig({ MONGODB_URL: mongo.url })
    try {
      mongo.fail(true)
      await world.as(world.acme, () => work.enqueue({ n: 1 }, { key: 'k' }))
      expect((await parkedJobs())[0]).to.include({ reason: 'store-down', tenant: world.acme.uuid })
      mongo.fail(false)
      expect(await resumeAllParked({ reason: 'store-down' })).to.equal(1)
      expect(await resumeAllParked({ reason: 'store-down' })).to.equal(0)
      await runDueJobs()
      expect(log).to.deep.equal(['acme:1'])
    } finally {
      await closeJobStore()
      overrideConfig({ MONGODB_URL: undefined })
      await mongo.stop()
    }
  })

  it('finishes what runs and gives back the rest when it is stopped', async () => {
    workMs = 400
    for (let n = 0; n < 12; n++) await world.as(world.acme, () => work.enqueue({ n }))
    await startWorker({ only: /^worker\./, everyMs: 50 })
    await until('work began', () => working > 0)
    await stopWorker()
    expect(working).to.equal(0)
    const left = (await listJobs({ name: 'worker.work' })).jobs
    expect(left.filter((job) => job.lockedAt)).to.deep.equal([])
    expect(left.length + log.length).to.equal(12)
  })

  it('holds the lock of a long job, so that nobody else takes it', async function () {
    workMs = 2500
    await world.as(world.acme, () => work.enqueue({ n: 1 }))
    await startWorker({ only: /^worker\./, everyMs: 50, lockSeconds: 1 })
    await until('the job is done', async () => log.length > 0 && (await mine()) === 0)
    await pause(500)
    expect(log).to.deep.equal(['acme:1'])
  })

  it('takes over the job of a worker that was killed', async function () {
    this.timeout(40_000)
    await world.as(world.acme, () => work.enqueue({ n: 1 }))
    const { file, execArgv } = scriptBeside(import.meta, '../testing/worker-to-kill')
    const child = spawn(process.execPath, [...execArgv, file, world.acme.uuid], {
      env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'silent', CENTRAL_DATABASE: config().CENTRAL_DATABASE }, stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((resolve) => child.stdout.on('data', (text: Buffer) => text.toString().includes('working') && resolve()))
    child.kill('SIGKILL')
    expect(log).to.deep.equal([])
    await startWorker({ only: /^worker\./, everyMs: 100, lockSeconds: 2 })
    await until('another worker ran it', () => log.length === 1)
    expect(log).to.deep.equal(['acme:1'])
    await until('it is gone', async () => (await mine()) === 0)
  })
})

describe('the fair share', () => {
  it('is full at its limit, counts tenants apart, and does not count central', () => {
    const share = new FairShare(2)
    share.took('1', 'acme')
    share.took('2', 'globex')
    share.took('3', null)
    share.took('4', null)
    expect(share.full()).to.deep.equal([])
    share.took('5', 'acme')
    expect(share.full()).to.deep.equal(['acme'])
    share.gaveBack('1')
    expect(share.isFull('acme')).to.equal(false)
  })
})
