import { newPublicId } from '../../shared/security/token.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import type { NoticeType } from './kinds.js'
import { wantsApp } from './preferences.js'

export interface Notice {
  readonly userId: number
  readonly type: NoticeType
  /** One sentence without a full stop, at most 200 characters. No secrets, no names of providers. */
  readonly title: string
  readonly body?: string | null
  /** A path of the shop: `/services/…`. */
  readonly href?: string | null
  /** Business key, e.g. `workspace.ready:<event id>`: a second notice with the same key is not written. At most 120 ASCII characters. */
  readonly key: string
}

/** Tells a customer in the app, if they want to hear of this kind. Safe to repeat; inside a transaction it exists only if that commits. */
export async function notify(notice: Notice): Promise<void> {
  if (!/^[\x21-\x7e]{1,120}$/.test(notice.key)) throw new Error(`"${notice.key}" is no business key.`)
  if (notice.href && !/^\/(?!\/)/.test(notice.href)) throw new Error(`"${notice.href}" is no path of the shop.`)
  if (!(await wantsApp(notice.userId, notice.type))) return
  await tenantDb()('notifications').insert({
    public_id: newPublicId(), user_id: notice.userId, type: notice.type, business_key: notice.key, title: notice.title.slice(0, 200), body: notice.body?.slice(0, 500) ?? null,
    href: notice.href ?? null, created_at: clock.now(),
  }).onConflict('business_key').ignore()
}
