/** One sentence for the next page, in a signed cookie: no row, no write, and nobody else can put words on our page. */
import type { Request, Response } from 'express'
import { mac, macHolds } from '../security/mac.js'
import { clearCookie, readCookie, setCookie } from './cookies.js'

export interface Flash {
  readonly kind: 'good' | 'bad' | 'info'
  readonly text: string
}
const cookie = 'ezf'

/** Shown once, on the next whole page. At most 500 characters. */
export function setFlash(req: Request, res: Response, flash: Flash | string): void {
  const value: Flash = typeof flash === 'string' ? { kind: 'good', text: flash } : flash
  const body = Buffer.from(JSON.stringify([value.kind, value.text.slice(0, 500)])).toString('base64url')
  setCookie(res, cookie, `${body}.${mac('flash', req.site.scope, req.site.host, body)}`, 120)
}

/** Takes the sentence off the browser. Null when there is none, or when it is not ours. */
export function takeFlash(req: Request, res: Response): Flash | null {
  const value = readCookie(req, cookie)
  if (value === null) return null
  clearCookie(res, cookie)
  const [body = '', proof = ''] = value.split('.')
  if (!macHolds(proof, 'flash', req.site.scope, req.site.host, body)) return null
  const [kind, text] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [Flash['kind'], string]
  return { kind, text }
}
