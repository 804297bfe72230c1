/** Addresses and header texts that cannot become more than they are: one recipient, one line, no header of their own. */
import { Refusal } from '../errors.js'

export interface Address {
  readonly email: string
  readonly name: string
}

/** One mailbox without quotes, comments, routes or lists. Stricter than the standard on purpose. */
const mailbox = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** Line ends and other control characters become blanks; the length is cut. */
export function oneLine(text: string, limit: number): string {
  return [...text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()].slice(0, limit).join('')
}

/** Throws Refusal for anything that is not exactly one address. The length is checked before the pattern. */
export function oneAddress(given: Address): Address {
  const email = given.email.trim()
  if (email.length > 254 || !mailbox.test(email)) throw new Refusal('mail.address', 'This is not one e-mail address.')
  return { email, name: oneLine(given.name, 120) }
}

export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase()
