/** The workspace's own user at Kasm, in the shop's group. Safe to repeat. Throws OutsideError. */
import { OutsideError } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { openPassword } from './credentials.js'
import { groupOf } from './provider/connection.js'
import { kasmCodes, type KasmApi } from './provider/kasm-api.js'
import { hasCode } from './provider/outside-words.js'
import type { Workspace } from './workspace.js'

/** Makes it, or finds it: a name is taken once, so a user that already exists is ours, made by a call whose answer was lost. */
export async function ensureUser(api: KasmApi, workspace: Workspace, service: Service): Promise<string> {
  const username = workspace.username!
  const wish = { username, password: openPassword(service.publicId, workspace.passwordEncrypted!), firstName: 'Workspace', lastName: service.publicId }
  const user = await api.createUser(wish).catch(async (error: unknown) => {
    if (!hasCode(error, kasmCodes.userExists)) throw error
    return api.findUser(username)
  })
  if (!user) throw new OutsideError('The workspace user exists and cannot be found.', { door: 'kasm', retryable: true, code: kasmCodes.notFound })
  if (!workspace.groupJoinedAt) await joinGroup(api, workspace, user.userId)
  await workspace.$query().patch({ kasmUserId: user.userId })
  return user.userId
}

/** A server without groups, or a key that may not change them, is fine and noted once: the user's name carries the shop anyway. */
async function joinGroup(api: KasmApi, workspace: Workspace, userId: string): Promise<void> {
  const why = api.can.groups ? await api.joinGroup(userId, groupOf()).then(() => null, (error: unknown) => {
    if (hasCode(error, kasmCodes.notSupported, kasmCodes.unauthorized)) return (error as OutsideError).code ?? kasmCodes.notSupported
    throw error
  }) : kasmCodes.notSupported
  await workspace.$query().patch({ groupJoinedAt: clock.now() })
  if (why) await record('workspace.without-group', workspace, { why }, { userId: workspace.userId })
}
