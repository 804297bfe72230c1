/** Lists in pages: what the address bar asks for, bounded, and only by columns the list declares. */
import type objection from 'objection'

export interface PagingRules {
  /** Name in the address bar → column. */
  sortable: Readonly<Record<string, string>>
  /** Name to sort by when none is asked for; `-name` for descending. */
  default: string
  /** Rows a page; default 25. */
  size?: number
}
export interface Paging {
  /** From 1. */
  page: number
  size: number
  sort: string
  descending: boolean
  column: string
}
export interface Paged<T> extends Omit<Paging, 'column'> {
  rows: T[]
  total: number
  pages: number
  /** Positions of the first and last row shown; 0 when there are none. */
  from: number
  to: number
}

const MAX_SIZE = 100
const MAX_PAGE = 100_000
const whole = (value: unknown, max: number): number | undefined => (typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Math.min(Number(value), max) : undefined)

/** Reads `page`, `size` and `sort` (`name` or `-name`). Anything unknown falls back to the rules; never throws. */
export function parsePaging(query: Readonly<Record<string, unknown>>, rules: PagingRules): Paging {
  const asked = typeof query.sort === 'string' ? query.sort : ''
  const chosen = Object.hasOwn(rules.sortable, asked.replace(/^-/, '')) ? asked : rules.default
  const sort = chosen.replace(/^-/, '')
  const column = rules.sortable[sort]
  if (column === undefined) throw new Error(`The default sort "${rules.default}" is not sortable.`)
  return { page: whole(query.page, MAX_PAGE) ?? 1, size: whole(query.size, MAX_SIZE) ?? rules.size ?? 25, sort, descending: chosen.startsWith('-'), column }
}

/** Runs the query for one page. Rows of equal rank keep their order by `id`. */
export async function applyPaging<M extends objection.Model>(builder: objection.QueryBuilder<M>, paging: Paging): Promise<Paged<M>> {
  const { column, ...shown } = paging
  const way = paging.descending ? 'desc' : 'asc'
  const table = builder.modelClass().tableName
  const { results, total } = await builder.orderBy(column, way).orderBy(`${table}.id`, way).page(paging.page - 1, paging.size)
  const from = results.length === 0 ? 0 : (paging.page - 1) * paging.size + 1
  return { ...shown, rows: results, total, pages: Math.max(1, Math.ceil(total / paging.size)), from, to: from === 0 ? 0 : from + results.length - 1 }
}
