/** The developer API's calls about users, groups and images; and which permission each call needs. */
import { bare, Refused, text, type Body, type CallWorld } from './habits.js'
import { newKasmId, type SimGroup, type SimUser } from './state.js'

export type Call = (world: CallWorld, body: Body) => Body

/** `2026-11-01 10:00:00.000000`: UTC without a suffix. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}000`

export function userOf(world: CallWorld, body: Body): SimUser {
  const target = (body.target_user ?? body) as Body
  const [id, name] = [bare(target.user_id), text(target.username).toLowerCase()]
  const user = world.state.users.find((u) => (id ? u.user_id === id : u.username === name))
  if (!user) throw new Refused('Unable to find user')
  return user
}
function groupOf(world: CallWorld, body: Body): SimGroup {
  const group = world.state.groups.find((g) => g.group_id === bare((body.target_group as Body | undefined)?.group_id))
  if (!group) throw new Refused('Unable to find group')
  return group
}
const shownUser = (u: SimUser): Body => ({
  user_id: u.user_id, username: u.username, first_name: u.first_name, last_name: u.last_name, locked: u.locked, disabled: u.disabled,
  realm: 'local', created: u.created, groups: u.groups.map((group_id) => ({ group_id })), two_factor: false, notes: null,
})

export const userCalls: Record<string, Call> = {
  create_user(world, body) {
    const target = (body.target_user ?? {}) as Body
    const username = text(target.username).toLowerCase()
    if (!username || !text(target.password)) throw new Refused('Missing username or password')
    if (world.state.users.some((u) => u.username === username)) throw new Refused('User already exists')
    const user: SimUser = {
      user_id: newKasmId(), username, password: text(target.password), first_name: text(target.first_name), last_name: text(target.last_name),
      locked: target.locked === true, disabled: target.disabled === true, groups: [world.state.groups[0]!.group_id], created: stamp(world.now()),
    }
    world.state.users.push(user)
    return { user: shownUser(user) }
  },
  get_user: (world, body) => ({ user: shownUser(userOf(world, body)) }),
  get_users: (world) => ({ users: world.state.users.map(shownUser) }),
  update_user(world, body) {
    const target = (body.target_user ?? {}) as Body
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
  get_login: (world, body) => ({ url: `/#/login_with_token/${userOf(world, body).user_id}/${newKasmId()}` }),
  get_groups: (world) => ({ groups: world.state.groups }),
  create_group(world, body) {
    const target = (body.target_group ?? {}) as Body
    const name = text(target.name)
    if (!name) throw new Refused('Missing required parameter: name')
    if (world.state.groups.some((g) => g.name === name)) throw new Refused('Group already exists')
    const group: SimGroup = { group_id: newKasmId(), name, priority: typeof target.priority === 'number' ? target.priority : 100 }
    world.state.groups.push(group)
    return { group }
  },
  add_user_group(world, body) {
    const [user, group] = [userOf(world, body), groupOf(world, body)]
    user.groups = [...new Set([...user.groups, group.group_id])]
    return {}
  },
  remove_user_group(world, body) {
    const [user, group] = [userOf(world, body), groupOf(world, body)]
    user.groups = user.groups.filter((g) => g !== group.group_id)
    return {}
  },
  get_images: (world) => ({ images: world.state.images }),
  get_zones: () => ({ zones: [{ zone_id: '0'.repeat(32), zone_name: 'default' }] }),
}

const session = ['User', 'Users Auth Session']
/** As the key's page in the administration names them. */
export const permissionsOf: Readonly<Record<string, readonly string[]>> = {
  request_kasm: session, get_kasm_status: session, destroy_kasm: session, keepalive: session,
  stop_kasm: session, pause_kasm: session, resume_kasm: session, logout_user: ['Users Auth Session'],
  get_kasms: ['Sessions View'], get_images: ['Images View'], get_user: ['Users View'], get_users: ['Users View'],
  create_user: ['Users Create'], update_user: ['Users Modify'], delete_user: ['Users Delete', 'Users Modify'],
  get_groups: ['Groups View'], create_group: ['Groups Create'], add_user_group: ['Groups Modify'], remove_user_group: ['Groups Modify'],
}
