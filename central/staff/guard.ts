/** Lets signed-in staff pass; sends everybody else to the sign-in page. The row is read on every request: disabling counts at once. */
import type { RequestHandler } from 'express'
import { redirect } from '../../shared/http/page.js'
import { signedInAs } from '../../shared/http/session.js'
import { Staff } from './staff.js'

export const requireStaff: RequestHandler = async (req, res, next) => {
  const id = signedInAs(req, 'staff')
  const staff = id === null ? undefined : await Staff.query().findById(id)
  if (staff?.status !== 'active') return redirect(req, res, `/sign-in?next=${encodeURIComponent(req.originalUrl)}`)
  res.locals['user'] = { name: staff.name, email: staff.email }
  res.set('Cache-Control', 'private, no-store')
  next()
}
