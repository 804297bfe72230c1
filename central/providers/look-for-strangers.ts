/** Compares what is at a server with what the shops know, and keeps what nobody explains. Ends nothing. */
import { alert } from '../../shared/alerts/alert.js'
import { connectedApi } from '../../tenant/kasm/provider/connected-api.js'
import type { KasmUser } from '../../tenant/kasm/provider/kasm-api.js'
import { sightings } from '../../tenant/kasm/provider/sightings.js'
import { connectionOf, type ConnectionRow } from './connection.js'
import { knownShops } from './known-shops.js'
import { storeStrangers, takeUntold } from './stranger-rows.js'
import { foundIn, judge } from './strangers.js'

/** Staff hears of an orphan that is still there after this long. */
export const TOLERATED_MS = 15 * 60_000

/** Throws the OutsideError of the server's list: then the report stays as it was. `users`: look at users too; they are one more long list. */
export async function lookForStrangers(row: ConnectionRow, now: Date, users: boolean): Promise<void> {
  const connection = connectionOf(row)
  const sessions = [...(await sightings(connection)).byUser.values()].flat()
  const api = connectedApi(connection)
  const wanted = api.can.users && (users || sessions.some((session) => session.username === null))
  const listed: KasmUser[] = wanted ? await api.users('') : []
  const found = foundIn(sessions, listed)
  const shops = await knownShops(row, found)
  const silent = new Set([...shops.values()].filter((shop) => shop.byName === null).map((shop) => shop.tenantId))
  await storeStrangers(row.id, found.flatMap((one) => judge(one, shops) ?? []), { users: wanted, silentTenants: silent }, now)
  await tellOfOrphans(row, now)
}

async function tellOfOrphans(row: ConnectionRow, now: Date): Promise<void> {
  const orphans = await takeUntold(row.id, new Date(now.getTime() - TOLERATED_MS), now)
  if (!orphans.length) return
  const names = orphans.slice(0, 5).map((o) => `${o.kind === 'session' ? 'desktop' : 'user'} of ${o.username ?? o.user_id}`)
  await alert({
    level: 'warning', title: `Orphans on the workspace server "${row.label ?? row.name}"`, fields: { connection: row.id, orphans: orphans.length },
    message: `They bear the name of a shop of ours that knows nothing of them: ${names.join(', ')}${orphans.length > names.length ? ' and more' : ''}. Nothing is ended by itself; look at them under Servers.`,
  })
}
