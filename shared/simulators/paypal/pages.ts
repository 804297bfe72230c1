/** PayPal's approval page: which account, yes or no. Works without JavaScript. Whoever knows the id may use it, as with the real one. */
import { escapeHtml, testPage, type PageAnswer } from '../test-page.js'
import type { Emit } from './call.js'
import { approveOrder, type Order } from './orders.js'
import { payerBy, payerId, payers } from './payers.js'
import type { Account, Kept, Store } from './state.js'
import { approveSetup } from './vault.js'

/** GET and POST /approve/order/:id and /approve/setup/:id. */
export function approvePage(store: Store, what: string, id: string, form: URLSearchParams | null, emitFor: (account: Account) => Emit): PageAnswer {
  const kind = what === 'setup' ? 'setup-token' : 'order'
  const found = store.find(kind, id)
  if (!found) return testPage('Nothing to do here', '<p>This approval does not exist. Go back to the shop and start again.</p>', 404)
  const { account, object } = found
  if (object.status !== 'PAYER_ACTION_REQUIRED' && object.status !== 'CREATED') return back(object, true) ?? testPage('Already answered', '<p>Nothing is waiting for you here.</p>')
  if (!form) return question(object)
  if (form.get('answer') !== 'approve') return back(object, false) ?? testPage('Canceled', '<p>You may close this page.</p>')
  const payer = payerBy(form.get('payer') ?? object._payer)
  if (kind === 'setup-token') approveSetup(object, payer, emitFor(account))
  else approveOrder(object, payer, emitFor(account))
  return back(object, true) ?? testPage('Approved', '<p>You may close this page.</p>')
}

function question(object: Kept): PageAnswer {
  const unit = object.kind === 'order' ? (object as Order).purchase_units[0] : undefined
  const choices = payers.map((p) => `<label><input type="radio" name="payer" value="${p.token}"${p.token === (object._payer ?? 'works') ? ' checked' : ''}> ${escapeHtml(p.email)}<br><span class="note">${escapeHtml(p.label)}</span></label>`).join('')
  const asked = unit ? `Pay ${escapeHtml(unit.amount.value)} ${escapeHtml(unit.amount.currency_code)}?` : 'Let this shop charge your PayPal account for its invoices?'
  return testPage('Simulated PayPal page', `<p>${asked}</p>
<form method="post"><fieldset><legend>PayPal account</legend>${choices}</fieldset><button class="main" name="answer" value="approve">${unit ? 'Pay now' : 'Agree and continue'}</button><button name="answer" value="cancel">Cancel and go back</button></form>`)
}

/** The shop's addresses, with the parameters that PayPal adds. */
function back(object: Kept, approved: boolean): PageAnswer | null {
  const url = approved ? object._return : (object._cancel ?? object._return)
  if (typeof url !== 'string' || !/^https?:\/\/[^/]/.test(url)) return null
  const target = new URL(url)
  if (object.kind === 'setup-token') target.searchParams.set('approval_token_id', object.id)
  else target.searchParams.set('token', object.id)
  if (approved && object.kind === 'order') target.searchParams.set('PayerID', payerId(payerBy(object._payer)))
  return { redirect: target.href }
}
