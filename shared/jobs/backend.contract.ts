/**
 * What every job store must keep, whatever it is made of. Agenda describes the methods; these cases describe what we rely on:
 * one job runs once however many workers look, a schedule is one row, a lock ends with its owner, and nothing is unlocked by a restart.
 */
import { Agenda, type AgendaBackend, type JobParameters, type JobRepository } from 'agenda'
import { expect } from 'chai'

const minute = 60_000
const ago = (ms: number) => new Date(Date.now() - ms)
const ahead = (ms: number) => new Date(Date.now() + ms)
const job = (more: Partial<JobParameters> = {}): JobParameters => ({ name: 'a', type: 'normal', priority: 0, nextRunAt: ago(1000), data: { tenant: null, v: 1, payload: {} }, ...more })
const until = async (done: () => boolean | Promise<boolean>, ms = 15_000) => {
  for (const end = Date.now() + ms; !(await done());) {
    if (Date.now() > end) throw new Error('It did not happen in time.')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

export function jobStoreContract(makeBackend: () => AgendaBackend): void {
  let backend: AgendaBackend
  let store: JobRepository
  beforeEach(async () => {
    backend = makeBackend()
    await backend.connect()
    store = backend.repository
    await store.purgeAllJobs()
  })
  afterEach(async () => backend.disconnect())
  const next = (name = 'a', lockMs = minute) => store.getNextJobToRun(name, new Date(), ago(lockMs), undefined, undefined)
  const save = (given: JobParameters) => store.saveJob(given, undefined)

  it('gives each of two hundred jobs to one of three workers, never to two', async function () {
    this.timeout(40_000)
    const runs = new Map<number, number>()
    for (let n = 0; n < 200; n++) await save(job({ data: { n } }))
    const backends = [makeBackend(), makeBackend(), makeBackend()]
    const workers = await Promise.all(backends.map(async (own, i) => {
      await own.connect()
      const agenda = new Agenda({ backend: own, name: `w${i}`, processEvery: 100, maxConcurrency: 20, defaultConcurrency: 10, defaultLockLimit: 10, removeOnComplete: true })
      await agenda.ready
      agenda.define('a', async (one: { attrs: JobParameters }) => {
        const { n } = one.attrs.data as { n: number }
        runs.set(n, (runs.get(n) ?? 0) + 1)
        await new Promise((resolve) => setTimeout(resolve, 2))
      })
      await agenda.start()
      return agenda
    }))
    await until(async () => runs.size === 200 && (await store.queryJobs()).total === 0, 30_000)
    for (const agenda of workers) await agenda.stop(false)
    for (const own of backends) await own.disconnect()
    expect([...runs.values()].filter((times) => times !== 1)).to.deep.equal([])
  })

  it('takes the job that has been due longest, and the more urgent of two that fell due together', async () => {
    const at = ago(5000)
    await save(job({ data: { n: 'low' }, nextRunAt: at }))
    await save(job({ data: { n: 'high' }, nextRunAt: at, priority: 10 }))
    await save(job({ data: { n: 'oldest' }, nextRunAt: ago(9000) }))
    const taken = [await next(), await next(), await next(), await next()].map((j) => (j?.data as { n: string } | undefined)?.n)
    expect(taken).to.deep.equal(['oldest', 'high', 'low', undefined])
  })

  it('leaves jobs of the future and of other names alone', async () => {
    await save(job({ nextRunAt: ahead(minute) }))
    await save(job({ name: 'b' }))
    expect(await next()).to.equal(undefined)
  })

  it('gives a job again once the lock of its worker has expired, also when it was already running', async () => {
    await save(job())
    const taken = (await next())!
    await store.saveJobState({ ...taken, nextRunAt: null, lastRunAt: new Date() }, undefined)
    expect(await next()).to.equal(undefined)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(String((await next('a', 30))?._id)).to.equal(String(taken._id))
  })

  it('adds a unique job once, however many ask at the same moment', async () => {
    const unique = { 'data.key': 'k', 'data.tenant': null }
    const saved = await Promise.all(Array.from({ length: 20 }, () => save({ ...job({ data: { key: 'k', tenant: null } }), unique, uniqueOpts: { insertOnly: true } })))
    expect((await store.queryJobs({ name: 'a' })).total).to.equal(1)
    expect(new Set(saved.map((s) => String(s._id))).size).to.equal(1)
    await save({ ...job({ data: { key: 'other', tenant: null } }), unique: { ...unique, 'data.key': 'other' }, uniqueOpts: { insertOnly: true } })
    expect((await store.queryJobs({ name: 'a' })).total).to.equal(2)
  })

  it('lets a job with the same key wait while the first one runs', async () => {
    const keyed = () => ({ ...job({ data: { key: 'k', tenant: null } }), unique: { 'data.key': 'k', nextRunAt: { $lte: new Date() } }, uniqueOpts: { insertOnly: true } })
    await save(keyed())
    const running = (await next())!
    await store.saveJobState({ ...running, nextRunAt: null }, undefined)
    await save(keyed())
    await save(keyed())
    expect((await store.queryJobs({ name: 'a' })).total).to.equal(2)
  })

  it('keeps one row for a schedule and does not bring its next turn forward when a worker starts', async () => {
    const first = await save(job({ type: 'single', nextRunAt: ahead(10 * minute), repeatInterval: '10 minutes' }))
    const again = await save(job({ type: 'single', nextRunAt: ago(1), repeatInterval: '10 minutes' }))
    expect((await store.queryJobs({ name: 'a' })).total).to.equal(1)
    expect(again.nextRunAt?.getTime()).to.equal(first.nextRunAt?.getTime())
    const moved = await save(job({ type: 'single', nextRunAt: ahead(20 * minute), repeatInterval: '10 minutes' }))
    expect(moved.nextRunAt!.getTime()).to.be.greaterThan(first.nextRunAt!.getTime())
  })

  it('pushes a debounced job back with each call, but not for ever', async () => {
    const call = (debounce: object) => save({ ...job({ nextRunAt: new Date(), data: { key: 'd' } }), unique: { 'data.key': 'd' }, uniqueOpts: { debounce: { delay: minute, ...debounce } } })
    const first = await call({})
    await new Promise((resolve) => setTimeout(resolve, 30))
    const second = await call({})
    expect(second.nextRunAt!.getTime()).to.be.greaterThan(first.nextRunAt!.getTime())
    expect((await call({ maxWait: 10 })).nextRunAt!.getTime()).to.be.at.most(Date.now())
    expect((await store.queryJobs({ name: 'a' })).total).to.equal(1)
  })

  it('runs a leading debounced job at its first time, whatever comes after', async () => {
    const at = ago(5)
    const call = (nextRunAt: Date) => save({ ...job({ nextRunAt, data: { key: 'l' } }), unique: { 'data.key': 'l' }, uniqueOpts: { debounce: { delay: minute, strategy: 'leading' } } })
    await call(at)
    expect((await call(ahead(minute))).nextRunAt!.getTime()).to.equal(at.getTime())
  })

  it('says so when the state of a removed job is saved', async () => {
    const saved = await save(job())
    await store.removeJobs({ id: String(saved._id) })
    const error = await store.saveJobState(saved, undefined).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(Error)
  })

  it('saves the same state twice without complaint', async () => {
    const saved = await save(job())
    await store.saveJobState({ ...saved, progress: 5 }, undefined)
    await store.saveJobState({ ...saved, progress: 5 }, undefined)
    expect((await store.getJobById(String(saved._id)))?.progress).to.equal(5)
  })

  it('does not run a disabled job until it is enabled', async () => {
    await save(job())
    expect(await store.disableJobs({ name: 'a' })).to.equal(1)
    expect(await next()).to.equal(undefined)
    expect(await store.enableJobs({ name: 'a' })).to.equal(1)
    expect(await next()).to.not.equal(undefined)
  })

  it('locks one named job for one caller only', async () => {
    const saved = await save(job())
    const both = await Promise.all([store.lockJob(saved, undefined), store.lockJob(saved, undefined)])
    expect(both.filter(Boolean)).to.have.length(1)
  })

  it('frees a job that has not begun, but not one that is running', async () => {
    await save(job())
    const taken = (await next())!
    await store.unlockJob(taken)
    const again = (await next())!
    await store.saveJobState({ ...again, nextRunAt: null }, undefined)
    await store.unlockJob(again)
    expect((await store.getJobById(String(again._id)))?.lockedAt).to.be.instanceOf(Date)
  })

  it('answers which jobs wait, run, repeat, failed or are finished', async () => {
    await save(job({ name: 'queued' }))
    await save(job({ name: 'scheduled', nextRunAt: ahead(minute) }))
    await save(job({ name: 'repeating', repeatInterval: '1 minute' }))
    const failed = await save(job({ name: 'failed' }))
    const ended = new Date()                                         // one instant: a millisecond later it would have finished well after its failure
    await store.saveJobState({ ...failed, failedAt: ended, lastFinishedAt: ended, failReason: 'no', failCount: 1 }, undefined)
    const completed = await save(job({ name: 'completed' }))
    await store.saveJobState({ ...completed, nextRunAt: null, lastFinishedAt: new Date() }, undefined)
    await save(job({ name: 'running' }))
    await next('running')
    for (const state of ['queued', 'scheduled', 'repeating', 'failed', 'completed', 'running'] as const) {
      const found = await store.queryJobs({ state })
      expect(found.jobs.map((j) => j.name), state).to.deep.equal([state])
      expect(found.total, state).to.equal(1)
    }
  })

  it('finds jobs by tenant and pages through them in order', async () => {
    for (let n = 0; n < 5; n++) await save(job({ data: { tenant: 'acme', n }, nextRunAt: ahead(n * 1000) }))
    await save(job({ data: { tenant: 'globex' } }))
    const page = await store.queryJobs({ data: { tenant: 'acme' }, sort: { nextRunAt: 'asc' }, skip: 2, limit: 2 })
    expect(page.total).to.equal(5)
    expect(page.jobs.map((j) => (j.data as { n: number }).n)).to.deep.equal([2, 3])
  })

  it('removes only what is named, and nothing when nothing is named', async () => {
    await save(job())
    await save(job({ name: 'b' }))
    expect(await store.removeJobs({})).to.equal(0)
    expect(await store.removeJobs({ notNames: ['a'] })).to.equal(1)
    expect(await store.getDistinctJobNames()).to.deep.equal(['a'])
  })

  it('refuses conditions that could smuggle in code', async () => {
    const error = await save({ ...job(), unique: { 'data.key': { $where: 'true' } } }).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(Error)
  })
}
