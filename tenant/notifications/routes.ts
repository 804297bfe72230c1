/** The bell: what happened, and how a customer wants to hear of it. Everything is found through its owner. */
import { Router } from 'express'
import { applyPaging, parsePaging } from '../../shared/database/paging.js'
import { form, query } from '../../shared/http/form.js'
import { fragment, onFormErrors, page, redirect } from '../../shared/http/page.js'
import { wantsFragment } from '../../shared/http/request.js'
import { requireUser, userOf } from '../customers/guard.js'
import { button, listQuery, preferencesForm } from './forms.js'
import { noticeKinds } from './kinds.js'
import { Notification } from './notification.js'
import { noticeList, preferencesPage } from './pages.js'
import { savePreferences, type Ways } from './preferences.js'
import { readAll, readOne } from './read.js'
import { bellLabel } from './unread-count.js'

export const notificationRoutes = Router()
const rules = { sortable: { at: 'notifications.id' }, default: '-at' }

notificationRoutes.get('/notifications', requireUser, async (req, res) => {
  const { show } = query(listQuery, req)
  const { id } = userOf(req)
  const found = Notification.query().where('notifications.user_id', id)
  if (show === 'unread') void found.whereNull('notifications.read_at')
  const paged = await applyPaging(found, parsePaging(req.query, rules))
  page(req, res, 'tenant/notifications/list', noticeList(paged, show, await Notification.unreadOf(id)), { title: 'Notifications' })
})

/** The bell of a page that stays open. */
notificationRoutes.get('/notifications/bell', requireUser, async (req, res) => {
  if (!wantsFragment(req)) return redirect(req, res, '/notifications')
  fragment(req, res, 'tenant/notifications/_bell', { bell: bellLabel(await Notification.unreadOf(userOf(req).id)) })
})

/** Reads one and goes to what it is about. */
notificationRoutes.post('/notifications/:publicId/reading', requireUser, async (req, res) => {
  form(button, req)
  redirect(req, res, (await readOne(userOf(req).id, String(req.params['publicId']))) ?? '/notifications')
})

notificationRoutes.post('/notifications/reading', requireUser, async (req, res) => {
  form(button, req)
  const read = await readAll(userOf(req).id)
  redirect(req, res, '/notifications', { flash: read ? 'Everything is marked as read.' : { kind: 'info', text: 'There was nothing new.' } })
})

notificationRoutes.get('/account/notifications', requireUser, async (req, res) => {
  page(req, res, 'tenant/notifications/preferences', await preferencesPage(userOf(req).id), { title: 'Notifications' })
})

notificationRoutes.put('/account/notifications', requireUser, async (req, res) => {
  const { id } = userOf(req)
  onFormErrors(res, async (errors, _input, status) => page(req, res, 'tenant/notifications/preferences', await preferencesPage(id, errors), { title: 'Notifications', status }))
  const ticks = form(preferencesForm, req)
  await savePreferences(id, new Map(noticeKinds.map(({ type }): [string, Ways] => [type, { mail: ticks[`mail-${type}`] === 'on', app: ticks[`app-${type}`] === 'on' }])))
  redirect(req, res, '/account/notifications', { flash: 'Your choices are saved.' })
})
