/** Secrets at rest: AES-256-GCM. `where` (tenant:table:column:row) is authenticated, so a value moved to another row or tenant does not open. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { config } from '../config.js'

function keyNamed(id: string): Buffer {
  const { MASTER_KEY, MASTER_KEY_ID, OLD_MASTER_KEYS } = config()
  if (id === MASTER_KEY_ID) return Buffer.from(MASTER_KEY, 'base64')
  const old = OLD_MASTER_KEYS.find((entry) => entry.startsWith(`${id}:`))
  if (!old) throw new Error(`The master key "${id}" is not configured (MASTER_KEY_ID, OLD_MASTER_KEYS).`)
  return Buffer.from(old.slice(id.length + 1), 'base64')
}

/** `keyId.base64url(iv + tag + text)`. */
export function seal(plain: string, where: string): string {
  const id = config().MASTER_KEY_ID
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyNamed(id), iv)
  cipher.setAAD(Buffer.from(where))
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return `${id}.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`
}

/** Throws when the value was changed, moved, or sealed with a key we do not have. */
export function unseal(sealed: string, where: string): string {
  const dot = sealed.indexOf('.')
  const body = Buffer.from(sealed.slice(dot + 1), 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', keyNamed(sealed.slice(0, dot)), body.subarray(0, 12))
  decipher.setAAD(Buffer.from(where))
  decipher.setAuthTag(body.subarray(12, 28))
  return Buffer.concat([decipher.update(body.subarray(28)), decipher.final()]).toString('utf8')
}
