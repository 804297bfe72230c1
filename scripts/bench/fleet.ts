/** A fleet step against a raw client that replays the same statement over the same tenants, in turns; and how long a new tenant's database takes. */
import { adminConnection } from '../../shared/database/servers.js'
import { provisionDatabase, dropDatabase } from '../../shared/tenancy/databases.js'
import { makeFleet, type TestFleet } from '../../shared/testing/fleet.js'
import { migrateFleet } from '../../shared/tenancy/fleet.js'
import { claimPending, refillPool } from '../../shared/tenancy/pending-pool.js'
import { median, timed } from './measure.js'

export interface FleetFigures {
  /** Our time ÷ the raw client's. */
  step: number
  /** Milliseconds a tenant, ours. */
  msPerTenant: number
  /** Milliseconds of a run that finds nothing to do. */
  noOpMs: number
}
export interface CreateFigures {
  /** Milliseconds to claim a pre-made database. */
  pool: number
  /** Milliseconds to make a database from the snapshot, accounts included. */
  snapshot: number
}
interface Plan {
  tenants: number
  rounds: number
  say: (text: string) => void
}

const AT_ONCE = 4
const change = (column: string): string => `alter table items add column ${column} varchar(40) null`

/** What a careful person would do by hand: four connections, one statement in each schema. */
async function rawReplay(fleet: TestFleet, sql: string): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const connection = await adminConnection(1)
    for (let slug = fleet.slugs[next++]; slug; slug = fleet.slugs[next++]) await connection.query(`use \`${fleet.databaseOf(slug)}\`; ${sql}`)
    await connection.end()
  }))
}

async function ourStep(fleet: TestFleet, round: number): Promise<void> {
  fleet.bundle.write(`${String(round + 2).padStart(4, '0')}-add-ours-${round}`, `${change(`ours_${round}`)}\n-- down\nalter table items drop column ours_${round}\n`)
  const bundle = fleet.bundle.read()
  const summary = await migrateFleet({ selection: {}, bundle, concurrency: AT_ONCE })
  if (summary.done !== fleet.slugs.length) throw new Error(`The fleet step reached ${summary.done} of ${fleet.slugs.length} tenants.`)
}

export async function benchFleet({ tenants, rounds, say }: Plan): Promise<FleetFigures> {
  say(`making a fleet of ${tenants} tenants`)
  const fleet = await makeFleet(tenants, { '0001-create-items': 'create table if not exists items (id bigint unsigned not null auto_increment primary key, name varchar(60) not null) engine=InnoDB\n-- down\ndrop table if exists items\n' })
  try {
    const ratios: number[] = []
    const ours: number[] = []
    // The first one warms code and caches on both sides, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const before = await timed(() => rawReplay(fleet, change(`raw_${round}a`)))
      const mine = await timed(() => ourStep(fleet, round))
      const after = await timed(() => rawReplay(fleet, change(`raw_${round}b`)))
      if (!round) continue
      ours.push(mine)
      ratios.push((2 * mine) / (before + after))
      say(`fleet step ${round} of ${rounds}: ${(mine / tenants).toFixed(1)} ms a tenant, ${ratios.at(-1)?.toFixed(2)} of the raw client`)
    }
    const bundle = fleet.bundle.read()
    const noOpMs = await timed(() => migrateFleet({ selection: {}, bundle }))
    return { step: median(ratios), msPerTenant: median(ours) / tenants, noOpMs }
  } finally {
    say('dropping the fleet')
    await fleet.end()
  }
}

/** Needs the central database that `makeFleet` prepares; makes one with a single tenant. */
export async function benchCreate(times: number, say: (text: string) => void): Promise<CreateFigures> {
  const fleet = await makeFleet(1, { '0001-create-items': 'create table if not exists items (id int primary key)\n-- down\ndrop table if exists items\n' })
  try {
    say(`making ${times} tenant databases from the snapshot, and ${times} for the pool`)
    const snapshot: number[] = []
    for (let i = 0; i <= times; i++) {
      const made: { database?: string } = {}
      snapshot.push(await timed(async () => { made.database = (await provisionDatabase({ serverId: 1 })).database }))
      if (made.database) await dropDatabase({ serverId: 1, database: made.database })
    }
    await refillPool(1, times + 1)
    const pool: number[] = []
    for (let i = 0; i <= times; i++) pool.push(await timed(async () => { if (!(await claimPending(1, 1000 + i))) throw new Error('The pool was empty.') }))
    return { snapshot: median(snapshot.slice(1)), pool: median(pool.slice(1)) }
  } finally {
    await fleet.end()
  }
}
