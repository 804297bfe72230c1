/** Reads bodies, before any tenant is entered: reading inside would lose the context. Small limits; anything odd is 400. */
import express, { type RequestHandler } from 'express'
import { badRequest } from './http-error.js'

const limit = '100kb'
const urlencoded = express.urlencoded({ extended: false, limit, parameterLimit: 200 })
const json = express.json({ limit, strict: true })
/** Webhooks: the signature is over the bytes as they came. */
export const rawBody: RequestHandler = express.raw({ type: () => true, limit: '1mb' })

const deepest = 20
function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return depth
  if (depth > deepest) return depth
  return Math.max(depth, ...Object.values(value).slice(0, 1000).map((v) => depthOf(v, depth + 1)))
}

/** Own `__proto__` keys come out of JSON.parse as ordinary ones and bite when merged later. */
function poisoned(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(poisoned)
}

export const parseBody: RequestHandler = (req, res, next) => {
  if (Buffer.isBuffer(req.body)) return next()
  urlencoded(req, res, (formError?: unknown) => {
    if (formError) return next(formError)
    json(req, res, (jsonError?: unknown) => {
      if (jsonError) return next(jsonError)
      if (depthOf(req.body) > deepest || poisoned(req.body)) return next(badRequest())
      next()
    })
  })
}
