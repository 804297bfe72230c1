/**
 * A host name of the shop's own for the desktops (a CNAME to the workspace server), by connection. Links into the desktop then name nobody else.
 * Whoever chose the name also sees to it that the server holds a certificate for it; the probe finds out whether it answers as the server does.
 */
import { z } from 'zod'
import { config } from '../../../shared/config.js'
import { FormErrors } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { callOutside, type OutsideAnswer } from '../../../shared/outside/client.js'
import { lookAtHost } from '../../../shared/outside/public-host.js'
import { normaliseHost } from '../../../shared/tenancy/host-name.js'
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import { hasCode } from '../provider/outside-words.js'
import { namesTheSupplier } from '../../settings/product-name.js'
import { defineSetting } from '../../settings/setting.js'

/** Connection id → host. */
const desktopHosts = defineSetting<Record<string, string>>('workspaceDesktopHosts', z.record(z.string(), z.string()), {})
export const desktopHostsOf = (): Promise<Record<string, string>> => desktopHosts.read()

/** The address on the shop's own host. In development a server has a port and speaks http; both stay. Pure. */
export function onHost(url: string, host: string | undefined, development: boolean): string {
  if (!host) return url
  const own = new URL(url)
  own.hostname = host
  if (!development) Object.assign(own, { protocol: 'https:', port: '' })
  return own.href
}

export async function throughOwnHost(url: string, connectionId: number): Promise<string> {
  return onHost(url, (await desktopHosts.read())[String(connectionId)], config().ALLOW_PRIVATE_OUTSIDE)
}

/** Asks the server and the host the same harmless question. Throws FormErrors with what to do. */
async function prove(connection: Pick<ProviderConnection, 'baseUrl' | 'own'>, host: string): Promise<void> {
  const no = (sentence: string): never => { throw new FormErrors({ host: sentence }) }
  const server = new URL(connection.baseUrl).hostname
  const inside = `${host} leads into a private network, where your customers cannot go.`
  if (!config().ALLOW_PRIVATE_OUTSIDE) {
    const found = await lookAtHost(host)
    if (found === 'unknown') no(`${host} leads nowhere yet. Set a CNAME record for it that points to ${server}, wait until it is known, and save again.`)
    if (found === 'private') no(inside)
  }
  const there = await ask(connection.baseUrl, connection.own).catch(() => no('The workspace server does not answer just now, so the host name cannot be compared with it. Try again in a moment.'))
  const here = await ask(onHost(connection.baseUrl, host, config().ALLOW_PRIVATE_OUTSIDE), true).catch((error: unknown) =>
    no(hasCode(error, 'private-address') ? inside : hasCode(error, 'unreachable') ? `${host} could not be reached by https. Its CNAME record must point to ${server}.` : `${host} does not answer by https. The workspace server needs a certificate for this name.`))
  if (!alike(here, there)) no(`${host} answers, but not as the workspace server does. Its CNAME record must point to ${server}.`)
}

/** A name that a shop chose is called where it leads at this moment, and only on the open internet: what was looked up before may have changed. */
const ask = (base: string, publicOnly: boolean): Promise<OutsideAnswer> =>
  callOutside({ door: 'desktop-host', url: new URL('/', base).href, headers: { accept: 'text/html' }, timeoutMs: 8000, maxBytes: 500_000, publicOnly })
const titleOf = ({ text }: OutsideAnswer): string => /<title>([^<]*)<\/title>/i.exec(text)?.[1]?.trim() ?? ''
const kindOf = ({ headers }: OutsideAnswer): string => (headers.get('content-type') ?? '').split(';')[0]!
/** Texts may differ by a nonce; status, kind and title may not. */
const alike = (a: OutsideAnswer, b: OutsideAnswer): boolean => a.status === b.status && kindOf(a) === kindOf(b) && titleOf(a) === titleOf(b)

/** `host` null: links name the server again. Throws FormErrors under `host`. */
export async function saveDesktopHost(connection: ProviderConnection, host: string | null): Promise<void> {
  const clean = host === null ? null : normaliseHost(host)
  if (host !== null && (!clean || !clean.includes('.') || namesTheSupplier(clean))) throw new FormErrors({ host: 'Enter a host name of your own, such as desk.example.com.' })
  if (clean) await prove(connection, clean)
  await tenantTransaction(async () => {
    const { [String(connection.id)]: before, ...others } = await desktopHosts.read()
    await desktopHosts.write(clean ? { ...others, [String(connection.id)]: clean } : others)
    await record('workspace-settings.desktop-host-changed', null, { connection: connection.id, before: before ?? null, after: clean })
  })
}
