/** How each customer wants to hear of things. A kind without a row follows its default; letters that must be sent cannot be switched off. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import { kindOf, noticeKinds, type NoticeKind, type NoticeType } from './kinds.js'

export interface Ways { readonly mail: boolean; readonly app: boolean }
interface Row { type: string; mail: number; app: number }

const rowsOf = (userId: number, types: readonly string[]): Promise<Row[]> =>
  tenantDb()('notification_preferences').where({ user_id: userId }).whereIn('type', types).select('type', 'mail', 'app') as unknown as Promise<Row[]>

/** Pure. */
function waysOf(kind: NoticeKind, row: Row | undefined): Ways {
  const [mail, app] = row ? [row.mail !== 0, row.app !== 0] : [kind.mail, kind.app]
  return { mail: kind.mailFixed || (mail && !kind.mailless), app }
}

export async function preferencesOf(userId: number): Promise<Array<NoticeKind & { ways: Ways }>> {
  const rows = new Map((await rowsOf(userId, noticeKinds.map((k) => k.type))).map((r) => [r.type, r]))
  return noticeKinds.map((kind) => ({ ...kind, ways: waysOf(kind, rows.get(kind.type)) }))
}

async function waysFor(userId: number, type: NoticeType): Promise<Ways> {
  return waysOf(kindOf(type)!, (await rowsOf(userId, [type]))[0])
}
/** Ask before you send a letter of this kind. */
export const wantsMail = async (userId: number, type: NoticeType): Promise<boolean> => (await waysFor(userId, type)).mail
export const wantsApp = async (userId: number, type: NoticeType): Promise<boolean> => (await waysFor(userId, type)).app

/** Kinds that are not named stay as they are. */
export async function savePreferences(userId: number, wishes: ReadonlyMap<string, Ways>): Promise<void> {
  const rows = noticeKinds.filter((k) => wishes.has(k.type)).map((kind) => {
    const { mail, app } = wishes.get(kind.type)!
    return { user_id: userId, type: kind.type, mail: kind.mailFixed || (mail && !kind.mailless), app, updated_at: clock.now() }
  })
  if (!rows.length) return
  await tenantTransaction(async () => {
    await tenantDb()('notification_preferences').insert(rows).onConflict(['user_id', 'type']).merge(['mail', 'app', 'updated_at'])
    await record('user.notifications-changed', { type: 'users', id: userId }, {}, { userId })
  })
}
