/** Every route of a router, read from the router itself: nobody can add one that is not on this list. */
import type { Router } from 'express'

export interface ListedRoute {
  readonly method: string
  readonly path: string
}
interface Layer {
  readonly rawPath?: unknown
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> }
  readonly handle: { readonly stack?: readonly Layer[] }
}

const pathsOf = (path: unknown): string[] => (Array.isArray(path) ? path : [path]).map((one) => {
  if (typeof one !== 'string') throw new Error(`Routes have addresses of text, not ${String(one)}: the list of routes could not be read.`)
  return one === '/' ? '' : one
})

/** In the order in which Express asks them; the same address and method once. */
export function routesOf(router: Router, prefix = ''): ListedRoute[] {
  const all: ListedRoute[] = []
  for (const layer of router.stack as unknown as readonly Layer[]) {
    if (layer.route) {
      for (const path of pathsOf(layer.route.path)) for (const method of Object.keys(layer.route.methods)) all.push({ method: method.toUpperCase(), path: `${prefix}${path}` || '/' })
    } else if (layer.handle.stack) {
      for (const path of pathsOf(layer.rawPath)) all.push(...routesOf(layer.handle as unknown as Router, `${prefix}${path}`))
    }
  }
  return [...new Map(all.map((r) => [`${r.method} ${r.path}`, r])).values()]
}
