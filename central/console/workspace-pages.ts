/** Workspaces over all shops, from what they told. */
import { formatCount } from '../../shared/views/format.js'
import { countTroubles } from './troubles.js'
import { allWorkspaces, byReseller, byServer, sorts } from './workspace-counts.js'

const SIZE = 50
export type ResellerSort = keyof typeof sorts
const heads: ReadonlyArray<readonly [ResellerSort, string]> = [['name', 'Reseller'], ['running', 'Running'], ['waiting', 'Changing'], ['failed', 'Failed']]

export async function workspacesPage({ q, sort, page }: { q: string; sort: ResellerSort; page: number }): Promise<object> {
  const [all, servers, shops, troubles] = [await allWorkspaces(), await byServer(), await byReseller({ q, sort, page, size: SIZE }), await countTroubles()]
  const here = (part: Record<string, string>): string => `/workspaces?${new URLSearchParams({ ...(q ? { q } : {}), sort, ...part })}`
  const from = shops.rows.length ? (page - 1) * SIZE + 1 : 0
  return {
    stats: [
      { label: 'Running now', value: String(all.running), note: `${all.waiting} changing their state`, icon: 'device-desktop' }, { label: 'Stopped', value: String(all.stopped), note: `${all.archived} removed, files kept`, icon: 'player-stop' },
      { label: 'Failed', value: String(all.failed), note: formatCount(troubles, 'set-up waits for a person', 'set-ups wait for a person'), icon: 'alert-triangle', href: '/failures', ...(all.failed || troubles ? { tone: 'bad' } : {}) },
      { label: 'Servers', value: String(servers.length), note: formatCount(servers.filter((s) => s.failing).length, 'does not answer', 'do not answer'), icon: 'server-2', href: '/servers', ...(servers.some((s) => s.failing) ? { tone: 'bad' } : {}) },
    ],
    servers: servers.map((s) => ({ ...s, health: s.failing ? 'failed' : 'active', load: s.sessions === null ? '—' : s.maxSessions === null ? String(s.sessions) : `${s.sessions} of ${s.maxSessions}` })), rows: shops.rows, q, sort, oldest: all.oldestReport,
    heads: heads.map(([name, label]) => ({ label, num: name !== 'name', href: here({ sort: name }), sorted: name !== sort ? 'none' : name === 'name' ? 'ascending' : 'descending' })),
    summary: shops.total ? `${from}–${from + shops.rows.length - 1} of ${shops.total}` : '', previousHref: page > 1 ? here({ page: String(page - 1) }) : null, nextHref: page * SIZE < shops.total ? here({ page: String(page + 1) }) : null,
  }
}
