/** Cookies of ours: host-only, HttpOnly, SameSite=Lax, `__Host-` and Secure over HTTPS. There is no way to set a Domain. */
import type { Request, Response } from 'express'
import { config } from '../config.js'

const cookieName = (name: string): string => (config().PUBLIC_SCHEME === 'https' ? `__Host-${name}` : name)

/** The value of one cookie; null when missing or sent twice (then somebody is tossing cookies). */
export function readCookie(req: Request, name: string): string | null {
  const wanted = `${cookieName(name)}=`
  const found = (req.headers.cookie ?? '').split(/;\s*/).filter((part) => part.startsWith(wanted))
  return found.length === 1 && found[0] ? found[0].slice(wanted.length) : null
}

/** `value` must be URL-safe characters. Without `maxAgeSeconds` it ends with the browser. */
export function setCookie(res: Response, name: string, value: string, maxAgeSeconds?: number): void {
  if (!/^[A-Za-z0-9_.~-]*$/.test(value)) throw new Error(`The cookie "${name}" may hold URL-safe characters only.`)
  const secure = config().PUBLIC_SCHEME === 'https'
  res.cookie(cookieName(name), value, {
    path: '/', httpOnly: true, sameSite: 'lax', secure, encode: String, ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds * 1000 }),
  })
}

export const clearCookie = (res: Response, name: string): void => setCookie(res, name, '', 0)
