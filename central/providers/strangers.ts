/**
 * Who is at a server without a row of ours that explains it. `orphan`: it bears the name of one of our shops, and the shop knows nothing of it. `foreign`: it is
 * not ours. Pure; nothing of strangers is ever ended by itself.
 */
import type { KasmSession } from '../../tenant/kasm/provider/kasm-api.js'
import { slugOfUser } from '../../tenant/kasm/provider/user-name.js'

/** A workspace as far as it explains what is at the server. */
export interface KnownWorkspace {
  readonly username: string
  readonly kasmWorkspaceId: string | null
  readonly status: string
  /** It lives on the server in question. */
  readonly here: boolean
}
export interface Found {
  readonly kind: 'session' | 'user'
  readonly outsideId: string
  readonly userId: string
  readonly username: string | null
  readonly status: string | null
}
export interface Stranger extends Found {
  readonly whose: 'orphan' | 'foreign'
  readonly tenantId: number | null
}
/** A shop that may be on the server. `byName`: its workspaces by user name; null: it could not be asked, so nothing is said about what bears its name. */
export interface KnownShop {
  readonly tenantId: number
  readonly byName: ReadonlyMap<string, readonly KnownWorkspace[]> | null
}

/** Between two states their session may have come or gone a moment ago; the reconciler of workspaces looks after them. */
const moving = new Set(['provisioning', 'starting', 'stopping', 'pausing', 'terminating'])

function explains(workspace: KnownWorkspace, found: Found): boolean {
  if (!workspace.here || workspace.status === 'terminated') return false
  if (found.kind === 'user') return true
  return moving.has(workspace.status) || workspace.kasmWorkspaceId === found.outsideId || found.status === 'deleting'
}

/** What a found thing is; null: explained, or nobody could be asked. Users that are not ours are none of our business. */
export function judge(found: Found, shops: ReadonlyMap<string, KnownShop>): Stranger | null {
  const slug = found.username === null ? null : slugOfUser(found.username)
  const shop = slug === null ? undefined : shops.get(slug)
  if (!shop) return found.kind === 'session' ? { ...found, whose: 'foreign', tenantId: null } : null
  if (shop.byName === null || shop.byName.get(found.username!)?.some((workspace) => explains(workspace, found))) return null
  return { ...found, whose: 'orphan', tenantId: shop.tenantId }
}

/** A session that does not say whose it is, is named by its user, when the list of users tells. */
export function foundIn(sessions: readonly KasmSession[], users: ReadonlyArray<{ userId: string; username: string }>): Found[] {
  const names = new Map(users.map((user) => [user.userId, user.username]))
  return [
    ...sessions.map((s): Found => ({ kind: 'session', outsideId: s.kasmId, userId: s.userId, username: s.username ?? names.get(s.userId) ?? null, status: s.status })),
    ...users.map((u): Found => ({ kind: 'user', outsideId: u.userId, userId: u.userId, username: u.username, status: null })),
  ]
}

/** The shops that are named there at all: only they are visited. */
export const slugsIn = (found: readonly Found[]): Set<string> => new Set(found.flatMap((one) => (one.username === null ? [] : slugOfUser(one.username) ?? [])))
