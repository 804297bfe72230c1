/** Unguessable names: public ids in URLs, one-time tokens, session ids. */
import { createHash, randomBytes } from 'node:crypto'

const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'

/** 20 characters, about 99 bits: the id a customer sees instead of a row number. */
export function newPublicId(): string {
  let id = ''
  while (id.length < 20) for (const byte of randomBytes(32)) if (byte < 248 && id.length < 20) id += alphabet[byte % 31]
  return id
}

/** 256 bits, URL-safe. Only its hash is stored. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** SHA-256 in hex, as stored for tokens and session ids. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')
