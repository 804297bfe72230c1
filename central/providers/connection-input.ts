/** What a person may say of a connection, and what becomes of it. The same for staff and for a reseller's own server. */
import { z } from 'zod'
import { config } from '../../shared/config.js'
import { FormErrors } from '../../shared/errors.js'
import { text } from '../../shared/http/form.js'
import { lookAtHost } from '../../shared/outside/public-host.js'

const count = (what: string, max: number) => z.coerce.number({ error: `${what} is a whole number.` }).int(`${what} is a whole number.`).min(1, `${what} is at least 1.`).max(max, `${what} is at most ${max}.`)
const key = z.string().max(250, 'This key is too long.').trim()

/** Fields named `secret…` are never shown again. */
export const connectionFields = {
  label: text('The name', 80),
  baseUrl: z.string({ error: 'Please fill this in.' }).max(255, 'This address is too long.'),
  api: z.enum(['developer', 'gateway'], { error: 'Choose how the server is spoken to.' }),
  region: z.string().toLowerCase().regex(/^[a-z0-9][a-z0-9-]{0,38}$/, 'Use small letters, digits and hyphens, such as eu-west.').optional(),
  maxSessions: count('The capacity', 100_000).optional(),
  callsPerMinute: count('The limit', 60_000).optional(),
  secretApiKey: key.optional(),
  secretApiKeySecret: key.optional(),
  /** Said by whoever changes the address under living workspaces: they live at the new one, too. */
  sameServer: z.literal('on').optional(),
}
export const connectionForm = z.object(connectionFields)
export type ConnectionInput = z.infer<typeof connectionForm>

/** `https://kasm.example.com`, whatever stood behind it. Throws FormErrors on `baseUrl`. */
export function originIn(typed: string): string {
  const wrong = (message: string) => new FormErrors({ baseUrl: message })
  const full = /^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`
  if (!URL.canParse(full)) throw wrong('Enter an address like https://kasm.example.com.')
  const { protocol, username, password, origin, hostname } = new URL(full)
  if (username || password) throw wrong('Leave names and passwords out of the address.')
  if (!hostname || !/^https?:$/.test(protocol)) throw wrong('Enter an address like https://kasm.example.com.')
  if (protocol === 'http:' && !config().ALLOW_PRIVATE_OUTSIDE) throw wrong('The address must begin with https://, because the keys travel with each call.')
  return origin
}

/** A reseller's own server must be reachable from everywhere: our calls do not go into private networks. Throws FormErrors on `baseUrl`. */
export async function mustBePublic(origin: string): Promise<void> {
  if (config().ALLOW_PRIVATE_OUTSIDE) return
  const found = await lookAtHost(new URL(origin).hostname.replace(/^\[|\]$/g, ''))
  if (found === 'private') throw new FormErrors({ baseUrl: 'This address lies in a private network. Give the server a public one.' })
  if (found === 'unknown') throw new FormErrors({ baseUrl: 'This name leads nowhere. Look whether it is written right.' })
}
