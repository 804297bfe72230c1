/** What is asked of each route: the record that its path names, one that never was, and the fields that go along. */
import type { ListedRoute } from './route-list.js'
import { queries, type Named, type Reach } from './route-names.js'

export interface Case extends ListedRoute {
  readonly id: string
  /** Of Alice's record, and of one that never was. */
  readonly url: string
  readonly missing: string
  readonly reach: Reach
  readonly named: boolean
  readonly fields: Readonly<Record<string, string>>
}

/** Another of the same form that is not there. */
const unlike = (value: string): string => (/^\d+$/.test(value) ? '987654321' : /^[\w-]{43}$/.test(value) ? 'z'.repeat(43) : value.replaceAll(/[a-z0-9]/g, 'z'))

function namedIn({ method, path }: ListedRoute, names: Readonly<Record<string, Named>>): Array<{ part: string; named: Named }> {
  const parts = [...path.matchAll(/:\w+/g)]
  return parts.map((match, i) => {
    const upTo = path.slice(0, match.index + match[0].length)
    const named = (i === 0 ? names[`${method} ${path}`] : undefined) ?? names[upTo] ?? names[path]
    if (!named) throw new Error(`Nothing is known about ${match[0]} of ${method} ${path}. Say in scripts/testing/route-names.ts which record "${upTo}" names, and make one in scripts/testing/owned-records.ts.`)
    return { part: match[0], named }
  })
}

/** `records`: ids by the names that route-names.ts uses. Throws when a path names what nobody has made. */
export function casesOf(
  routes: readonly ListedRoute[], names: Readonly<Record<string, Named>>, fields: Readonly<Record<string, Readonly<Record<string, string>>>>,
  records: Readonly<Record<string, string>>, base = '',
): Case[] {
  return routes.map((route) => {
    const id = `${route.method} ${route.path}`
    const parts = namedIn(route, names)
    const fill = (value: (record: string) => string): string => base + parts.reduce((path, { part, named }) => path.replace(part, value(named.record)), route.path)
    const known = (record: string): string => {
      if (records[record] === undefined) throw new Error(`There is no record "${record}", which ${id} is about: make one in scripts/testing/owned-records.ts.`)
      return records[record]
    }
    const reach = parts.some((p) => p.named.reach === 'own') ? 'own' : parts[0]?.named.reach ?? 'public'
    const more = (queries[id] ?? '').replace(/\$(\w+)/, (_all, record: string) => known(record))
    const given = Object.fromEntries(Object.entries(fields[id] ?? {}).map(([name, value]) => [name, value.startsWith('$') ? known(value.slice(1)) : value]))
    return { ...route, id, url: fill(known) + more, missing: fill((record) => unlike(known(record))) + more, reach, named: parts.length > 0, fields: given }
  })
}
