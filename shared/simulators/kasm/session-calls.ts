/** The developer API calls, one function each: body in, body out. A domain error is `{error_message}` with HTTP 200, as Kasm does it. */
import { newKasmId, type KasmState, type SimSession, type SimUser } from './state.js'

export interface CallWorld {
  state: KasmState
  now: () => number
  /** A session runs after so many looks, or after so many milliseconds, whichever is set. */
  runningAfterLooks: number
  runningAfterMs: number
  /** A destroyed session stays visible as `deleting` for so many looks. */
  deletingLooks: number
  /** Sessions end this long after start or the last keepalive; null: never. */
  keepaliveMs: number | null
}
type Body = Record<string, unknown>
type Call = (world: CallWorld, body: Body) => Body

class Refused extends Error {}
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const bare = (id: unknown): string => text(id).replaceAll('-', '')
/** `2026-11-01 10:00:00.000000`: UTC without a suffix. */
const stamp = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}000`

function userOf(world: CallWorld, body: Body): SimUser {
  const target = (body.target_user ?? body) as Body
  const user = world.state.users.find((u) => (target.user_id ? u.user_id === bare(target.user_id) : u.username === text(target.username).toLowerCase()))
  if (!user) throw new Refused('Unable to find user')
  return user
}
function sessionOf(world: CallWorld, body: Body): SimSession {
  if (!body.user_id) throw new Refused('Missing required parameter: user_id')
  const session = world.state.sessions.find((s) => s.kasm_id === bare(body.kasm_id) && s.user_id === bare(body.user_id))
  if (!session) throw new Refused('Invalid kasm_id')
  return session
}
const shownUser = (u: SimUser): Body => ({ user_id: u.user_id, username: u.username, first_name: u.first_name, last_name: u.last_name, locked: u.locked, disabled: u.disabled, realm: 'local', created: u.created, groups: u.groups.map((group_id) => ({ group_id })), two_factor: false, notes: null })
const path = (s: SimSession): string => `/#/connect/kasm/${s.kasm_id}/${s.user_id}/${s.token}`

/** Time passes: what starts comes up, what is deleted goes, what nobody kept alive ends. */
function look(world: CallWorld, session: SimSession): void {
  session.looks++
  if (session.status === 'starting') {
    const ready = world.runningAfterMs > 0 ? world.now() - session.changed_at >= world.runningAfterMs : session.looks >= world.runningAfterLooks
    if (ready) Object.assign(session, { status: 'running', started_at: world.now(), changed_at: world.now() })
  }
  const ended = (session.status === 'deleting' && session.looks > world.deletingLooks) || (session.expires_at !== null && session.expires_at <= world.now())
  if (ended) world.state.sessions = world.state.sessions.filter((s) => s !== session)
}

function shownSession(world: CallWorld, s: SimSession): Body {
  const image = world.state.images.find((i) => i.image_id === s.image_id)
  return {
    kasm_id: s.kasm_id, user_id: s.user_id, image_id: s.image_id, operational_status: s.status, start_date: stamp(s.started_at), keepalive_date: stamp(s.changed_at),
    expiration_date: s.expires_at === null ? stamp(s.changed_at + 3_600_000) : stamp(s.expires_at), cores: image?.cores ?? 2, memory: image?.memory ?? 0,
    hostname: 'agent-1', is_persistent_profile: s.persistent_profile_mode === 'Enabled', persistent_profile_mode: s.persistent_profile_mode, share_id: null,
    image: { image_id: s.image_id, name: image?.name, friendly_name: image?.friendly_name, image_src: image?.image_src },
  }
}
function change(world: CallWorld, body: Body, from: string[], to: SimSession['status']): Body {
  const session = sessionOf(world, body)
  if (!from.includes(session.status)) throw new Refused(`Session is not in a valid state (${session.status})`)
  Object.assign(session, { status: to, looks: 0, changed_at: world.now() })
  return {}
}

export const publicCalls: Record<string, Call> = {
  create_user(world, body) {
    const target = (body.target_user ?? {}) as Body
    const username = text(target.username).toLowerCase()
    if (!username || !text(target.password)) throw new Refused('Missing username or password')
    if (world.state.users.some((u) => u.username === username)) throw new Refused('User already exists')
    const user: SimUser = { user_id: newKasmId(), username, password: text(target.password), first_name: text(target.first_name), last_name: text(target.last_name), locked: false, disabled: false, groups: [world.state.groups[0]!.group_id], created: stamp(world.now()) }
    world.state.users.push(user)
    return { user: shownUser(user) }
  },
  get_user: (world, body) => ({ user: shownUser(userOf(world, body)) }),
  get_users: (world) => ({ users: world.state.users.map(shownUser) }),
  update_user(world, body) {
    const target = body.target_user as Body
    const user = userOf(world, body)
    for (const key of ['password', 'first_name', 'last_name'] as const) if (typeof target[key] === 'string') user[key] = target[key]
    for (const key of ['locked', 'disabled'] as const) if (typeof target[key] === 'boolean') user[key] = target[key]
    return { user: shownUser(user) }
  },
  delete_user(world, body) {
    const user = userOf(world, body)
    if (!body.force && world.state.sessions.some((s) => s.user_id === user.user_id)) throw new Refused('User has active sessions')
    world.state.users = world.state.users.filter((u) => u !== user)
    world.state.sessions = world.state.sessions.filter((s) => s.user_id !== user.user_id)
    return {}
  },
  logout_user: (world, body) => (userOf(world, body), {}),
  get_groups: (world) => ({ groups: world.state.groups }),
  add_user_group(world, body) {
    const group = world.state.groups.find((g) => g.group_id === bare((body.target_group as Body | undefined)?.group_id))
    if (!group) throw new Refused('Unable to find group')
    const user = userOf(world, body)
    user.groups = [...new Set([...user.groups, group.group_id])]
    return {}
  },
  get_images: (world) => ({ images: world.state.images }),
  get_zones: () => ({ zones: [{ zone_id: '0'.repeat(32), zone_name: 'default' }] }),
  request_kasm(world, body) {
    const user = userOf(world, body)
    if (user.disabled || user.locked) throw new Refused('User is disabled')
    const image = world.state.images.find((i) => i.image_id === bare(body.image_id))
    if (!image) throw new Refused(body.image_id ? 'Image Not Authorized' : 'No Default Image Found')
    const now = world.now()
    const session: SimSession = { kasm_id: newKasmId(), user_id: user.user_id, image_id: image.image_id, status: 'starting', token: newKasmId(), persistent_profile_mode: text(body.persistent_profile_mode) || 'Disabled', looks: 0, changed_at: now, started_at: now, expires_at: world.keepaliveMs === null ? null : now + world.keepaliveMs }
    world.state.sessions.push(session)
    return { kasm_id: session.kasm_id, user_id: user.user_id, username: user.username, status: 'starting', share_id: null, session_token: session.token, kasm_url: path(session) }
  },
  get_kasm_status(world, body) {
    const session = sessionOf(world, body)
    look(world, session)
    session.token = newKasmId()
    const head = { current_time: stamp(world.now()), kasm_url: path(session), operational_status: session.status }
    if (session.status === 'starting') return { ...head, operational_message: 'Starting container', operational_progress: Math.min(90, session.looks * 30) }
    return { ...head, operational_progress: 100, kasm: shownSession(world, session) }
  },
  get_kasms(world) {
    for (const session of [...world.state.sessions]) look(world, session)
    return { current_time: stamp(world.now()), kasms: world.state.sessions.map((s) => shownSession(world, s)) }
  },
  destroy_kasm: (world, body) => change(world, body, ['starting', 'running', 'stopped', 'paused'], 'deleting'),
  keepalive(world, body) {
    const session = world.state.sessions.find((s) => s.kasm_id === bare(body.kasm_id))
    if (!session) throw new Refused('Invalid kasm_id')
    if (world.keepaliveMs !== null) session.expires_at = world.now() + world.keepaliveMs
    return { usage_reached: false }
  },
  get_login: (world, body) => ({ url: `/#/login_with_token/${userOf(world, body).user_id}/${newKasmId()}` }),
}

/** Not in the published list; clients use `/api/…` or `/api/public/…`. */
export const powerCalls: Record<string, Call> = {
  stop_kasm: (world, body) => change(world, body, ['running', 'paused'], 'stopped'),
  pause_kasm: (world, body) => change(world, body, ['running'], 'paused'),
  resume_kasm: (world, body) => change(world, body, ['stopped', 'paused'], 'starting'),
}

/** Runs a call; a domain error becomes its `error_message`. */
export function runCall(call: Call, world: CallWorld, body: Body): Body {
  try {
    return call(world, body)
  } catch (error) {
    if (error instanceof Refused) return { error_message: error.message }
    throw error
  }
}
