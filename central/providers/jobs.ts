/** What runs by itself for connections. Each may be run at any time, any number of times. */
import { OutsideError } from '../../shared/errors.js'
import { schedule } from '../../shared/jobs/timetable.js'
import { log } from '../../shared/log.js'
import { fanOut } from '../../shared/tenancy/fleet-visit.js'
import { clock } from '../../shared/time/clock.js'
import { sightings } from '../../tenant/kasm/provider/sightings.js'
import { allConnections, connectionOf, type ConnectionRow } from './connection.js'
import { lookForStrangers } from './look-for-strangers.js'

const SILENT_MS = 55_000
const USERS_MS = 55 * 60_000
const usersLookedAt = new Map<number, number>()

/** One server's trouble is its own; its health has been noted where it was called. */
async function each(rows: readonly ConnectionRow[], what: string, work: (row: ConnectionRow) => Promise<void>): Promise<void> {
  await fanOut(rows, async (row) => {
    await work(row).catch((error: unknown) => {
      const facts = { connection: row.id, err: error }
      if (error instanceof OutsideError) log().warn(facts, `${what}: a workspace server did not answer`)
      else log().error(facts, `${what} failed`)
    })
  })
}

/** Calls those that nobody called for a minute, so that an outage is known before a customer meets it. */
export async function watchConnections(): Promise<void> {
  const now = clock.real().getTime()
  const lastCall = (row: ConnectionRow) => Math.max(row.last_ok_at?.getTime() ?? 0, row.last_error_at?.getTime() ?? 0)
  const silent = (await allConnections()).filter((row) => row.status === 'active' && now - lastCall(row) >= SILENT_MS)
  await each(silent, 'Watching', async (row) => void (await sightings(connectionOf(row))))
}

/** Sessions at each look, users once an hour. */
export async function reportStrangers(): Promise<void> {
  const now = clock.real()
  await each(await allConnections(), 'The report of strangers', async (row) => {
    const users = now.getTime() - (usersLookedAt.get(row.id) ?? 0) >= USERS_MS
    await lookForStrangers(row, now, users)
    if (users) usersLookedAt.set(row.id, now.getTime())
  })
}

export function registerProviderSchedules(): void {
  schedule({ name: 'providers.watch', every: '1 minute', scope: 'central', run: watchConnections })
  schedule({ name: 'providers.strangers', every: '5 minutes', scope: 'central', run: reportStrangers })
}
