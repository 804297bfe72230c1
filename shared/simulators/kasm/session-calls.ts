/** The developer API's calls about sessions, one function each: body in, body out. Domain errors come as `{error_message}` with HTTP 200. */
import { bare, look, move, Refused, refuseWithoutRoom, text, touch, usageReached, type Body, type CallWorld } from './habits.js'
import { newKasmId, type SimSession } from './state.js'
import { stamp, userOf, type Call } from './user-calls.js'

const hyphened = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
const shownId = (world: CallWorld, id: string): string => (world.hyphens ? hyphened(id) : id)
const shownStatus = (world: CallWorld, s: SimSession): string => (world.capitals ? s.status[0]!.toUpperCase() + s.status.slice(1) : s.status)
const path = (s: SimSession): string => `/#/connect/kasm/${s.kasm_id}/${s.user_id}/${s.token}`

function byId(world: CallWorld, body: Body): SimSession {
  const session = world.state.sessions.find((s) => s.kasm_id === bare(body.kasm_id))
  if (!session) throw new Refused('Invalid kasm_id')
  return session
}
function sessionOf(world: CallWorld, body: Body): SimSession {
  if (!body.user_id) throw new Refused('Missing required parameter: user_id')
  const session = byId(world, body)
  if (session.user_id !== bare(body.user_id)) throw new Refused('Invalid kasm_id')
  return session
}

function shownSession(world: CallWorld, s: SimSession): Body {
  const image = world.state.images.find((i) => i.image_id === s.image_id)
  const user = world.state.users.find((u) => u.user_id === s.user_id)
  return {
    kasm_id: shownId(world, s.kasm_id), user_id: shownId(world, s.user_id), image_id: s.image_id, operational_status: shownStatus(world, s),
    start_date: stamp(s.started_at), keepalive_date: stamp(s.active_at), expiration_date: stamp(s.expires_at ?? s.active_at + 3_600_000),
    cores: image?.cores ?? 2, memory: image?.memory ?? 0, hostname: 'agent-1', share_id: null, user: { username: user?.username ?? '' },
    is_persistent_profile: s.persistent_profile_mode === 'Enabled', persistent_profile_mode: s.persistent_profile_mode,
    image: { image_id: s.image_id, name: image?.name, friendly_name: image?.friendly_name, image_src: image?.image_src },
  }
}

export const sessionCalls: Record<string, Call> = {
  request_kasm(world, body) {
    const user = userOf(world, body)
    if (user.disabled || user.locked) throw new Refused('User is disabled')
    const image = world.state.images.find((i) => i.image_id === bare(body.image_id))
    if (!image) throw new Refused(body.image_id ? 'Image Not Authorized' : 'No Default Image Found')
    refuseWithoutRoom(world)
    const session = newSession(world, user.user_id, image.image_id, text(body.persistent_profile_mode) || 'Disabled')
    const ids = { kasm_id: shownId(world, session.kasm_id), user_id: shownId(world, user.user_id), username: user.username }
    return { ...ids, status: 'starting', share_id: null, session_token: session.token, kasm_url: path(session) }
  },
  get_kasm_status(world, body) {
    const session = sessionOf(world, body)
    look(world, session)
    session.token = newKasmId()                                     // the link before stops working
    const head = { current_time: stamp(world.now()), kasm_url: path(session), operational_status: shownStatus(world, session) }
    const progress = Math.min(90, session.looks * 30)
    if (session.status === 'starting') return { ...head, operational_message: 'Starting container', operational_progress: progress }
    return { ...head, operational_progress: 100, kasm: shownSession(world, session) }
  },
  get_kasms(world) {
    for (const session of [...world.state.sessions]) look(world, session)
    return { current_time: stamp(world.now()), kasms: world.state.sessions.map((s) => shownSession(world, s)) }
  },
  destroy_kasm: (world, body) => move(world, sessionOf(world, body), ['starting', 'running', 'stopped', 'paused'], 'deleting'),
  keepalive(world, body) {
    const session = byId(world, body)
    if (usageReached(world, session)) return { usage_reached: true }
    touch(world, session)
    return { usage_reached: false }
  },
}

/** Not in the published list; clients use `/api/…` or `/api/public/…`. */
export const powerCalls: Record<string, Call> = {
  stop_kasm: (world, body) => move(world, sessionOf(world, body), ['running', 'paused'], 'stopped'),
  pause_kasm: (world, body) => move(world, sessionOf(world, body), ['running'], 'paused'),
  resume_kasm: (world, body) => move(world, sessionOf(world, body), ['stopped', 'paused'], 'starting'),
}

export function newSession(world: CallWorld, userId: string, imageId: string, profile: string): SimSession {
  const now = world.now()
  const session: SimSession = {
    kasm_id: newKasmId(), user_id: userId, image_id: imageId, status: 'starting', token: newKasmId(), persistent_profile_mode: profile, looks: 0,
    changed_at: now, started_at: now, active_at: now, expires_at: world.keepaliveMs === null ? null : now + world.keepaliveMs,
  }
  world.state.sessions.push(session)
  return session
}
