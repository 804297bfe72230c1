/** The documented wire format of the Stripe API: form bodies in, JSON out, error shapes, lists with cursors. https://docs.stripe.com/api */

export type Form = { [name: string]: string | Form }
/** Any API object as it travels; the fields are those of the public reference. */
export interface ApiObject {
  id: string
  object: string
  created: number
  [field: string]: unknown
}
export interface ApiList {
  object: 'list'
  url: string
  has_more: boolean
  data: ApiObject[]
}

/** An answer that is not 2xx. */
export class ApiFailure extends Error {
  constructor(readonly status: number, readonly error: Record<string, unknown>) {
    super(String(error.message ?? error.code ?? status))
  }
}
export const invalid = (message: string, param?: string, code?: string): ApiFailure =>
  new ApiFailure(400, { type: 'invalid_request_error', message, ...(param ? { param } : {}), ...(code ? { code } : {}) })
export const missing = (kind: string, id: string, param = 'id'): ApiFailure =>
  new ApiFailure(404, { type: 'invalid_request_error', code: 'resource_missing', param, message: `No such ${kind}: '${id}'` })

/** `metadata[a]=b&expand[0]=x` → { metadata: { a: 'b' }, expand: { 0: 'x' } }. */
export function parseForm(text: string): Form {
  const root: Form = Object.create(null)
  for (const [key, value] of new URLSearchParams(text)) {
    const path = key.replaceAll(']', '').split('[')
    let at = root
    for (const [i, rawName] of path.entries()) {
      const name = rawName === '' ? String(Object.keys(at).length) : rawName
      if (i === path.length - 1) at[name] = value
      else {
        const next = at[name]
        at = typeof next === 'object' ? next : (at[name] = Object.create(null) as Form)
      }
    }
  }
  return root
}

export const textOf = (form: Form, name: string): string | undefined => {
  const value = form[name]
  if (typeof value === 'object') throw invalid(`Invalid string: ${name}`, name)
  return value === '' ? undefined : value
}
export const boolOf = (form: Form, name: string): boolean => {
  const value = textOf(form, name)
  if (value !== undefined && value !== 'true' && value !== 'false') throw invalid(`Invalid boolean: ${value}`, name)
  return value === 'true'
}
export const listOf = (form: Form, name: string): string[] => {
  const value = form[name]
  return typeof value === 'object' ? Object.values(value).filter((v): v is string => typeof v === 'string') : value ? [value] : []
}
export function wholeOf(form: Form, name: string): number | undefined {
  const value = textOf(form, name)
  if (value === undefined) return undefined
  if (!/^-?\d{1,15}$/.test(value)) throw invalid(`Invalid integer: ${value}`, name)
  return Number(value)
}
/** Metadata given now, laid over what was there; an empty value removes its key. */
export function metadataOf(form: Form, before: unknown = {}): Record<string, string> {
  const given = form.metadata
  const merged: Record<string, string> = { ...(before as Record<string, string>) }
  if (typeof given === 'object') for (const [key, value] of Object.entries(given)) if (typeof value === 'string') value === '' ? delete merged[key] : (merged[key] = value)
  return merged
}

/** Refuses parameters that the endpoint does not know, as the real one does. */
export function allowOnly(form: Form, names: readonly string[]): void {
  const denied = ['payment_method_types'].find((name) => name in form)
  if (denied) throw invalid('payment_method_types is no longer supported in this API version.', denied, 'payment_method_types_no_longer_supported')
  const unknown = Object.keys(form).find((name) => name !== 'expand' && !names.includes(name))
  if (unknown) throw invalid(`Received unknown parameter: ${unknown}`, unknown, 'parameter_unknown')
}

function inRange(object: ApiObject, created: string | Form | undefined): boolean {
  if (created === undefined) return true
  if (typeof created === 'string') return object.created === Number(created)
  const { gt, gte, lt, lte } = created as Record<string, string>
  return !(gt && object.created <= Number(gt)) && !(gte && object.created < Number(gte)) && !(lt && object.created >= Number(lt)) && !(lte && object.created > Number(lte))
}

/** Newest first, `limit` 1–100, cursors by object id. `all` is in the order of creation. */
export function pageOf(all: readonly ApiObject[], form: Form, url: string): ApiList {
  const limit = wholeOf(form, 'limit') ?? 10
  if (limit < 1 || limit > 100) throw invalid('limit must be between 1 and 100', 'limit')
  const newest = all.filter((o) => inRange(o, form.created)).reverse()
  const [after, before] = [textOf(form, 'starting_after'), textOf(form, 'ending_before')]
  const at = (id: string, param: string): number => {
    const index = newest.findIndex((o) => o.id === id)
    if (index < 0) throw missing('object', id, param)
    return index
  }
  if (before) {
    const end = at(before, 'ending_before')
    const start = Math.max(0, end - limit)
    return { object: 'list', url, has_more: start > 0, data: newest.slice(start, end) }
  }
  const start = after ? at(after, 'starting_after') + 1 : 0
  return { object: 'list', url, has_more: newest.length > start + limit, data: newest.slice(start, start + limit) }
}
