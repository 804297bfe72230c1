/** The list of workspaces at the desk. Runs inside the tenant. */
import { stringify } from 'csv-stringify/sync'
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { shows, type ListWish, type Show } from './forms.js'
import { rowsOf, serverNames, typeNames } from './rows.js'
import { workspacesLike } from './search.js'

const words: Readonly<Record<Show, string>> = { current: 'Current', running: 'Running', waiting: 'Changing', stopped: 'Stopped', failed: 'Failed', archived: 'Removed, files kept', ended: 'Ended', all: 'All' }
const columns = [['name', 'Workspace'], ['type', 'Type'], ['started', 'Running since'], ['since', 'Ordered']] as const
const MOST_CSV_ROWS = 5000

const partsOf = (wish: ListWish): Record<string, string> => Object.fromEntries(Object.entries(wish).filter((pair): pair is [string, string] => Boolean(pair[1])))

async function choices() {
  const servers = [...await serverNames()]
  const regions = [...new Set([...servers.flatMap(([, s]) => s.region ?? []), ...await tenantDb()('kasm_workspaces').whereNotNull('region').distinct().pluck('region') as string[]])].sort()
  return {
    types: [...await typeNames()].map(([value, label]) => ({ value, label })), servers: servers.map(([id, { label }]) => ({ value: String(id), label })),
    regions: regions.map((value) => ({ value, label: value })), longers: [['4', '4 hours'], ['12', '12 hours'], ['24', 'a day'], ['72', '3 days'], ['168', 'a week']].map(([value, label]) => ({ value, label })),
  }
}

export async function listPage(wish: ListWish, paging: Paging, base: string, now: Date): Promise<object> {
  const paged = await applyPaging(workspacesLike(wish, now), paging)
  const home = `${base}/workspaces`
  const here = (part: Record<string, string>): string => `${home}?${new URLSearchParams({ ...partsOf(wish), ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  const counted = (await tenantDb()('kasm_workspaces').groupBy('status').select('status').count({ n: '*' })) as Array<{ status: string; n: number }>
  const failed = Number(counted.find((c) => c.status === 'failed')?.n ?? 0)
  return {
    home, ...wish, rows: await rowsOf(paged.rows, now), ...await choices(), any: counted.length > 0,
    chips: shows.map((show) => ({ label: words[show], href: here({ show }), current: show === wish.show, ...(show === 'failed' && failed ? { count: failed } : {}) })),
    heads: columns.map(([name, label]) => ({ label, href: here({ sort: name === paged.sort && !paged.descending ? `-${name}` : name }), sorted: name !== paged.sort ? 'none' : paged.descending ? 'descending' : 'ascending' })),
    csvHref: `${home}.csv?${new URLSearchParams(partsOf(wish))}`, summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

/** At most 5,000, newest first. */
export async function listCsv(wish: ListWish, now: Date): Promise<string> {
  const rows = await rowsOf(await workspacesLike(wish, now).orderBy('kasm_workspaces.id', 'desc').limit(MOST_CSV_ROWS), now)
  const lines = rows.map((r) => ({
    workspace: r.publicId, name: r.name, customer: r.customer, type: r.type, template: r.template, state: r.status, server: r.server, region: r.region, ordered: r.since.toISOString(),
    running_since: r.runningSince?.toISOString() ?? '', run_seconds: r.seconds ?? '', run_cost: r.cost?.toString() ?? '', currency: r.cost?.currency ?? '',
  }))
  return stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true })
}
