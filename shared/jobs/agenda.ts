/** The door to agenda: which store the jobs live in, and the nudge that lets a worker in this process start at once instead of at its next look. */
import { Agenda, InMemoryNotificationChannel, toJobId, type AgendaBackend, type AgendaOptions, type JobParameters, type JobRepository } from 'agenda'
import { MongoBackend } from '@agendajs/mongo-backend'
import { config } from '../config.js'
import { log } from '../log.js'
import { runAsPlatform } from '../tenancy/context.js'
import type { FairShare } from './fair-share.js'
import { MysqlBackend } from './mysql-backend.js'
import { ShareGuard } from './share-guard.js'

export type { Job as AgendaJob, JobParameters, JobRepository } from 'agenda'

let opened: { url: string | undefined; backend: AgendaBackend; ready: Promise<void> } | undefined
let channel: InMemoryNotificationChannel | undefined

/** The central database, or MongoDB when MONGODB_URL is set. */
function makeBackend(share?: FairShare): AgendaBackend {
  const url = config().MONGODB_URL
  return url ? new MongoBackend({ address: url, options: { serverSelectionTimeoutMS: 5000 } }) : new MysqlBackend(share ? () => share.full() : undefined)
}

/** Where jobs are put and looked up, connected. Rejects when the store does not answer; the next call tries again. */
export async function jobStore(): Promise<JobRepository> {
  const url = config().MONGODB_URL
  if (!opened || opened.url !== url) {
    const backend = makeBackend()
    opened = { url, backend, ready: runAsPlatform(() => backend.connect()) }
  }
  try {
    await opened.ready
    return opened.backend.repository
  } catch (error) {
    opened = undefined
    throw error
  }
}

export async function closeJobStore(): Promise<void> {
  const backend = opened?.backend
  opened = undefined
  await backend?.disconnect()
}

/** An agenda with its own connection to the store. Connects first: agenda's constructor does not catch a store that is down. */
export async function openAgenda(share: FairShare, options: Omit<AgendaOptions, 'backend' | 'notificationChannel'>): Promise<Agenda> {
  const backend = makeBackend(share)
  await backend.connect()
  channel = new InMemoryNotificationChannel()
  const guarded: AgendaBackend = { name: backend.name, ownsConnection: true, repository: new ShareGuard(backend.repository, share), connect: async () => {}, disconnect: () => backend.disconnect() }
  return new Agenda({ ...options, backend: guarded, notificationChannel: channel })
}

/** Tells the worker of this process, if there is one, that a job waits. Outside any tenant: agenda runs jobs in the context of its caller. */
export function nudgeWorker(job: JobParameters): void {
  if (channel?.state !== 'connected') return
  const notice = { jobId: job._id ?? toJobId('new'), jobName: job.name, nextRunAt: job.nextRunAt, priority: job.priority, timestamp: new Date() }
  runAsPlatform(() => void channel?.publish(notice).catch((error: unknown) => log().warn({ err: error }, 'A nudge to the worker failed')))
}
