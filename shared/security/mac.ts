/** Short proofs that a value is ours: cookies, form tokens. Keys are derived from the master key, one a purpose. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { config } from '../config.js'

let derived: { master: string; keys: Map<string, Buffer> } | undefined
function keyFor(purpose: string): Buffer {
  const master = config().MASTER_KEY
  if (derived?.master !== master) derived = { master, keys: new Map() }
  const known = derived.keys.get(purpose)
  if (known) return known
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(master, 'base64'), '', `ezscale:${purpose}`, 32))
  derived.keys.set(purpose, key)
  return key
}

/** 43 URL-safe characters over the parts, which cannot run into each other. */
export function mac(purpose: string, ...parts: readonly string[]): string {
  const hmac = createHmac('sha256', keyFor(purpose))
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`)
  return hmac.digest('base64url')
}

/** Compares in constant time; false for any other length. */
export function macHolds(given: string, purpose: string, ...parts: readonly string[]): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(mac(purpose, ...parts))]
  return a.length === b.length && timingSafeEqual(a, b)
}
