/** The workspace's own login, shown when its owner asks. People enter by the button; the login is for the server's sign-in page, where a link has run out. */
import { refuse, Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import type { Service } from '../../services/service.js'
import { namesTheSupplier } from '../../settings/product-name.js'
import { openPassword } from '../credentials.js'
import { throughOwnHost } from '../launch/desktop-hosts.js'
import { connectionOf } from '../provider/connection.js'
import type { Workspace } from '../workspace.js'

/** Never log, never store, never mail. */
export interface Credentials {
  readonly username: string
  readonly password: string
  /** Where to sign in; null where that would name somebody the shop does not name. */
  readonly address: string | null
}
const over: ReadonlySet<string> = new Set(['archived', 'terminating', 'terminated'])

/** Null: the owner may see it. Asked by the button and by the verb. */
export function refusalToReveal(workspace: Workspace, service: Service): Refusal | null {
  const unusable = service.refusalToUse()
  if (unusable) return unusable
  if (over.has(workspace.status)) return new Refusal('workspace.removed', 'This workspace has been removed, and its login with it.')
  return workspace.kasmUserId && workspace.username && workspace.passwordEncrypted ? null : new Refusal('workspace.no-login', 'The login is made while the workspace is set up. Look again when it runs.')
}

/** Written down before it is shown: a login that somebody saw is never missing from the history. Throws Refusal. */
export async function revealCredentials(workspace: Workspace, service: Service): Promise<Credentials> {
  refuse(refusalToReveal(workspace, service))
  const credentials = { username: workspace.loginName ?? workspace.username!, password: openPassword(service.publicId, workspace.passwordEncrypted!), address: await addressOf(workspace) }
  await record('workspace.credentials-revealed', workspace, { service: service.publicId }, { userId: workspace.userId })
  return credentials
}

async function addressOf(workspace: Workspace): Promise<string | null> {
  const connection = await connectionOf(workspace).catch(() => null)
  if (!connection) return null
  const address = await throughOwnHost(new URL('/', connection.baseUrl).href, connection.id)
  return namesTheSupplier(new URL(address).hostname) ? null : address
}
