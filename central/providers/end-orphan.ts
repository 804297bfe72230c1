/** Staff's explicit word on one orphan: it is looked at again, there and in its shop, and then ended. What is not ours, or explained by now, is refused. */
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { Refusal, refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import { connectedApi } from '../../tenant/kasm/provider/connected-api.js'
import type { KasmApi } from '../../tenant/kasm/provider/kasm-api.js'
import { connectionOf, type ConnectionRow } from './connection.js'
import { knownShops } from './known-shops.js'
import type { StrangerRow } from './stranger-rows.js'
import { judge, type Found } from './strangers.js'

/** Pure. */
export function refusalToEnd(stranger: Pick<StrangerRow, 'whose'>): Refusal | null {
  return stranger.whose === 'orphan' ? null : new Refusal('stranger.foreign', 'This is not ours. Only its owner may end it.')
}

/** Repeatable: what is gone is fine. Throws Refusal, and OutsideError when the server does not do it. */
export async function endOrphan(row: ConnectionRow, stranger: StrangerRow, by: string): Promise<void> {
  refuse(refusalToEnd(stranger))
  const api = connectedApi(connectionOf(row))
  const found = await lookAgain(api, stranger)
  if (found) {
    const verdict = judge(found, await knownShops(row, [found]))
    if (verdict?.whose !== 'orphan') throw new Refusal('stranger.explained', 'A workspace of the shop explains it by now, or the shop could not be asked. Nothing was ended.')
    if (found.kind === 'session') await api.destroy({ kasmId: found.outsideId, userId: found.userId })
    else await api.deleteUser(found.userId)
  }
  await centralTransaction(async () => {
    await centralDb()('provider_strangers').where({ id: stranger.id }).update({ ended_at: clock.real(), ended_by: by.slice(0, 120) })
    await record('provider.orphan-ended', { type: 'provider_connections', id: row.id }, { kind: stranger.kind, outsideId: stranger.outside_id, username: stranger.username, found: found !== null }, { tenantId: stranger.tenant_id })
  })
}

/** As it is there now; null: gone. */
async function lookAgain(api: KasmApi, stranger: StrangerRow): Promise<Found | null> {
  if (stranger.kind === 'user') {
    const user = stranger.username === null ? null : await api.findUser(stranger.username)
    return user?.userId === stranger.outside_id ? { kind: 'user', outsideId: user.userId, userId: user.userId, username: user.username, status: null } : null
  }
  const session = (await api.sessions()).find((s) => s.kasmId === stranger.outside_id && s.userId === stranger.user_id)
  return session ? { kind: 'session', outsideId: session.kasmId, userId: session.userId, username: session.username ?? stranger.username, status: session.status } : null
}
