/** Coupons of a shop at the desk: list, editor, many codes at once, usage, stop and resume. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { Coupon } from '../../../tenant/billing/coupons/coupon.js'
import { generateCodes, saveCoupon, setCouponStatus } from '../../../tenant/billing/coupons/save-coupon.js'
import { disarmed } from '../../../tenant/billing/invoices/documents/runs-csv.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { bulkForm, readBatch, readCoupon, ticked } from './forms.js'
import { couponsLike, editor, filterOf, listPage, offerOf, offeredHere, showPage } from './pages.js'

export const couponRoutes = Router()
const home = (req: Request): string => `${deskOf(req).base}/coupons`
const couponOf = (req: Request): Promise<Coupon> => atDesk(req, 'look at a coupon', () => Coupon.findOwned<Coupon>({ publicId: String(req.params['publicId']) }))
const again = (req: Request, res: Response, coupon: Coupon | null, mode: 'one' | 'batch'): void => onFormErrors(res, (errors, input, status) => editor(req, res, coupon, mode, { errors, input, status }))

couponRoutes.get('/coupons', (req, res) => listPage(req, res))
couponRoutes.get('/coupons.csv', async (req, res) => {
  const coupons = await atDesk(req, 'download coupons', async () => couponsLike(filterOf(req)).orderBy('id').limit(20_000))
  const head = ['Code', 'Name', 'Offer', 'Batch', 'State', 'Used', 'Limit', 'Until (UTC)']
  const rows = coupons.map((coupon) => [disarmed(coupon.code), disarmed(coupon.name), disarmed(offerOf(coupon, 'en-US')), disarmed(coupon.batch ?? ''), coupon.status, coupon.redeemedCount, coupon.limitTotal ?? '', coupon.endsAt?.toISOString() ?? ''])
  res.type('text/csv').attachment('coupons.csv').set('cache-control', 'private, no-store')
    .send(stringify([head, ...rows], { record_delimiter: '\r\n' }))
})
couponRoutes.get('/coupons/new', (req, res) => { mustManage(req); return editor(req, res, null, 'one', {}) })
couponRoutes.get('/coupons/batches/new', (req, res) => { mustManage(req); return editor(req, res, null, 'batch', {}) })

couponRoutes.post('/coupons', async (req, res) => {
  mustManage(req)
  again(req, res, null, 'one')
  const coupon = await keepingInput(req, () => atDesk(req, 'make a coupon', async () => {
    const { code, facts } = readCoupon(req, await offeredHere(req))
    return saveCoupon(code, facts, null)
  }))
  redirect(req, res, `${home(req)}/${coupon.publicId}`, { flash: `${coupon.code} can be used now.` })
})
couponRoutes.post('/coupons/batches', async (req, res) => {
  mustManage(req)
  again(req, res, null, 'batch')
  const batch = await keepingInput(req, () => atDesk(req, 'make many coupon codes', async () => {
    const { wish, facts } = readBatch(req, await offeredHere(req))
    return generateCodes(wish, facts)
  }))
  redirect(req, res, `${home(req)}?batch=${encodeURIComponent(batch)}`, { flash: 'The codes are made. Download them as CSV to hand them out.' })
})
couponRoutes.post('/coupons/bulk', async (req, res) => {
  mustManage(req)
  const ids = ticked(req)
  onFormErrors(res, (errors, _input, status) => listPage(req, res, { errors, status }))
  const { act, sure, batch } = form(bulkForm(ids), req) as { act: 'stop' | 'resume'; sure?: 'yes'; batch?: string }
  if (!ids.length && !batch) throw new FormErrors({ form: 'Tick the coupons first.' })
  const to = act === 'stop' ? 'stopped' : 'active'
  const coupons = await atDesk(req, 'look at coupons', async () => (batch ? Coupon.query().where({ batch }) : Coupon.query().whereIn('publicId', ids)).orderBy('code'))
  const affected = coupons.filter((coupon) => coupon.status !== to)
  if (sure !== 'yes') return bulkPreview(req, res, { act, affected, others: coupons.length - affected.length, batch: batch ?? null })
  const changed = await atDesk(req, `${act} coupons`, () => setCouponStatus(coupons, to))
  redirect(req, res, home(req), { flash: act === 'stop' ? `${changed} coupons are stopped.` : `${changed} coupons can be used again.` })
})

interface Bulk {
  readonly act: 'stop' | 'resume'
  readonly affected: readonly Coupon[]
  /** Chosen ones that are in that state already. */
  readonly others: number
  /** The whole batch is meant, not a choice of its codes. */
  readonly batch: string | null
}
const mostShown = 100

function bulkPreview(req: Request, res: Response, { act, affected, others, batch }: Bulk): void {
  const stop = act === 'stop'
  const title = stop ? 'Stop these coupons?' : 'Let these coupons be used again?'
  const text = stop ? 'Nobody can redeem them from now on. Customers who did keep their discount.' : 'They can be redeemed again, within their dates and limits.'
  const rows = affected.slice(0, mostShown).map(({ publicId, code, name, redeemedCount }) => ({ publicId, code, name, redeemedCount }))
  const data = { heading: title, text, act, others, batch, rows, count: affected.length, more: affected.length - rows.length, label: stop ? 'Stop them' : 'Resume them', tone: stop ? 'danger' : 'primary' }
  deskPage(req, res, 'coupons/bulk', data, { title })
}

couponRoutes.get('/coupons/:publicId', async (req, res) => showPage(req, res, await couponOf(req)))
couponRoutes.get('/coupons/:publicId/edit', async (req, res) => { mustManage(req); await editor(req, res, await couponOf(req), 'one', {}) })
couponRoutes.put('/coupons/:publicId', async (req, res) => {
  mustManage(req)
  const coupon = await couponOf(req)
  again(req, res, coupon, 'one')
  await keepingInput(req, () => atDesk(req, 'change a coupon', async () => {
    const { code, facts } = readCoupon(req, await offeredHere(req))
    return saveCoupon(code, facts, coupon)
  }))
  redirect(req, res, `${home(req)}/${coupon.publicId}`, { flash: 'Saved. Customers who redeemed it before keep what they were promised.' })
})
couponRoutes.get('/coupons/:publicId/stop', async (req, res) => {
  mustManage(req)
  const coupon = await couponOf(req)
  bulkPreview(req, res, { act: coupon.status === 'active' ? 'stop' : 'resume', affected: [coupon], others: 0, batch: null })
})
