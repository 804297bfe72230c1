/** A worker for worker.test.ts: it takes the job, says so, never finishes it, and is killed. */
import { z } from 'zod'
import { plugDirectory } from '../tenancy/directory.js'
import { MemoryDirectory } from './memory-directory.js'
import { makeTenant, type Tenant } from '../tenancy/tenant.js'
import { defineJob } from '../jobs/job.js'
import { startWorker } from '../jobs/worker.js'

const directory = new MemoryDirectory()
directory.put(makeTenant({ uuid: process.argv[2], slug: 'acme', status: 'active', primaryHost: '', brand: {}, db: {} } as unknown as Tenant))
plugDirectory(directory)
defineJob({
  name: 'worker.work', scope: 'tenant', payload: z.object({ n: z.number() }),
  handler: () => new Promise<void>(() => void process.stdout.write('working\n')),
})
await startWorker({ everyMs: 100, lockSeconds: 2 })
