/** What the pages about notifications show. */
import type { Paged } from '../../shared/database/paging.js'
import { kindOf } from './kinds.js'
import type { Notification } from './notification.js'
import { preferencesOf } from './preferences.js'

export type Show = 'all' | 'unread'

export function noticeList(paged: Paged<Notification>, show: Show, unread: number): object {
  const here = (page: number): string => `/notifications?${new URLSearchParams({ ...(show === 'all' ? {} : { show }), page: String(page) })}`
  return {
    rows: paged.rows.map((n) => ({ title: n.title, body: n.body, at: n.createdAt, unread: n.readAt === null, icon: kindOf(n.type)?.icon ?? 'bell', readHref: `/notifications/${n.publicId}/reading`, leads: n.href !== null })),
    chips: [{ href: '/notifications', label: 'All', current: show === 'all' }, { href: '/notifications?show=unread', label: 'Unread', count: unread, current: show === 'unread' }],
    unread, filtered: show !== 'all', show, summary: paged.total > paged.rows.length ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here(paged.page - 1) : null, nextHref: paged.page < paged.pages ? here(paged.page + 1) : null,
  }
}

export async function preferencesPage(userId: number, errors?: Readonly<Record<string, string>>): Promise<object> {
  const kinds = await preferencesOf(userId)
  const groups = [...new Set(kinds.map((k) => k.group))]
  return { errors, groups: groups.map((title) => ({ title, kinds: kinds.filter((k) => k.group === title) })) }
}
