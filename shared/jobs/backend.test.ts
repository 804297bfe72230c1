import { MongoBackend } from '@agendajs/mongo-backend'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { randomBytes } from 'node:crypto'
import { startMongo, type MongoSimulator } from '../simulators/mongo.js'
import { useWorld } from '../testing/world.js'
import { jobStoreContract } from './backend.contract.js'
import { MysqlBackend } from './mysql-backend.js'

describe('jobs kept in the central database', () => {
  useWorld()
  jobStoreContract(() => new MysqlBackend())

  it('leaves a running schedule locked when another worker starts', async () => {
    const store = new MysqlBackend().repository
    const row = { name: 'every', type: 'single' as const, priority: 0, nextRunAt: new Date(Date.now() - 1000), repeatInterval: '1 minute', data: null }
    await store.saveJob(row, undefined)
    const taken = await store.getNextJobToRun('every', new Date(), new Date(0), undefined, undefined)
    await store.saveJob(row, undefined)
    expect((await store.getJobById(String(taken?._id)))?.lockedAt).to.be.instanceOf(Date)
  })
})

describe('jobs kept in MongoDB, as our simulator of its wire speaks it', () => {
  let mongo: MongoSimulator
  before(async () => { mongo = await startMongo() })
  after(async () => mongo.stop())
  jobStoreContract(() => new MongoBackend({ address: mongo.url }))
})

/** `MONGODB_TEST_URL=mongodb://127.0.0.1:27017`: the same cases in a database of their own on a real server. */
const real = process.env['MONGODB_TEST_URL']
if (real) {
  describe('jobs kept in a real MongoDB', () => {
    const client = new MongoClient(real, { serverSelectionTimeoutMS: 5000 })
    const database = client.db(`ezscale_test_${randomBytes(4).toString('hex')}`)
    before(async () => void (await client.connect()))
    after(async () => {
      await database.dropDatabase()
      await client.close()
    })
    jobStoreContract(() => new MongoBackend({ mongo: database }))
  })
}
