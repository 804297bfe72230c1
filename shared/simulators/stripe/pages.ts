/**
 * The simulated card page: what Stripe's own card form and the bank's 3-D Secure page are in real life.
 * Works without JavaScript. Whoever knows the client secret may use it, as with the real one.
 */
import { escapeHtml as escape, testPage as layout, type PageAnswer } from '../test-page.js'
import type { Emit } from './call.js'
import { testCards } from './cards.js'
import { cardOf, makeMethod } from './customers.js'
import { decline, succeed } from './payment-intents.js'
import { completeSetup, confirmSetupWith, failSetup } from './setup-intents.js'
import type { Account, Store } from './state.js'
import { ApiFailure, textOf, type ApiObject, type Form } from './wire.js'

/** GET and POST /pay/setup/:clientSecret?return_url=… */
export function setupPage(store: Store, secret: string, form: Form | null, returnUrl: string | null, base: string, emitFor: (account: Account) => Emit): PageAnswer {
  const found = store.bySecret(secret)
  if (!found || found.object.object !== 'setup_intent') return layout('Nothing to do here', '<p>This card form does not exist. Go back to the shop and start again.</p>', 404)
  const { account, object: intent } = found
  if (!returnUrl || !/^https?:\/\/[^/]/.test(returnUrl)) return layout('No way back', '<p>The shop did not say where to return to (return_url).</p>', 400)
  if (intent.status === 'succeeded') return { redirect: returnTo(returnUrl, intent) }
  if (!form) return cardForm(returnUrl, null)
  const card = testCards.find((c) => c.token === textOf(form, 'card'))
  if (!card) return cardForm(returnUrl, 'Choose a card first.')
  try {
    intent._return_url = returnUrl
    const result = confirmSetupWith(account, intent, makeMethod(account, card).id, returnUrl, base, emitFor(account))
    return { redirect: result.status === 'requires_action' ? `${base}/pay/authenticate/${secret}` : returnTo(returnUrl, result) }
  } catch (error) {
    if (error instanceof ApiFailure) return cardForm(returnUrl, error.message)
    throw error
  }
}

function cardForm(returnUrl: string, error: string | null): PageAnswer {
  const choices = testCards.map((c, i) => `<label><input type="radio" name="card" value="${c.token}"${i === 0 ? ' checked' : ''}> <code>${c.number.replace(/(.{4})(?=.)/g, '$1 ')}</code><br><span class="note">${escape(c.label)}</span></label>`).join('')
  return layout('Simulated card page', `${error ? `<p class="error" role="alert">${escape(error)} Try another card.</p>` : '<p>Choose a test card. In production the customer types a card into a form of the payment provider here.</p>'}
<form method="post"><input type="hidden" name="return_url" value="${escape(returnUrl)}"><fieldset><legend>Test card</legend>${choices}</fieldset><button class="main" type="submit">Save card</button></form><p><a href="${escape(returnUrl)}">Cancel and go back</a></p>`, error ? 402 : 200)
}

/** GET and POST /pay/authenticate/:clientSecret, the bank's question. */
export function authenticatePage(store: Store, secret: string, form: Form | null, emitFor: (account: Account) => Emit): PageAnswer {
  const found = store.bySecret(secret)
  if (!found) return layout('Nothing to do here', '<p>This question does not exist.</p>', 404)
  const { account, object: intent } = found
  const back = String(intent._return_url ?? '')
  if (intent.status !== 'requires_action') return back ? { redirect: returnTo(back, intent) } : layout('Already answered', '<p>Nothing is waiting for you here.</p>')
  if (!form) {
    return layout('Simulated bank page', `<p>Your bank asks: is this ${intent.object === 'payment_intent' ? `payment of ${(Number(intent.amount) / 100).toFixed(2)} ${escape(String(intent.currency).toUpperCase())}` : 'card'} yours?</p>
<form method="post"><button class="main" name="answer" value="complete">Complete authentication</button><button name="answer" value="fail">Fail authentication</button></form>`)
  }
  answerBank(account, intent, textOf(form, 'answer') === 'complete', emitFor(account))
  return back ? { redirect: returnTo(back, intent) } : layout('Done', '<p>You may close this page.</p>')
}

function answerBank(account: Account, intent: ApiObject, yes: boolean, emit: Emit): void {
  try {
    if (intent.object === 'setup_intent') {
      if (yes) completeSetup(account, intent, emit)
      else failSetup(intent, { type: 'invalid_request_error', code: 'setup_intent_authentication_failure', message: 'The card could not be authenticated.' }, emit)
    } else if (yes) afterChallenge(account, intent, emit)
    else decline(account, intent, { code: 'payment_intent_authentication_failure', decline_code: 'authentication_required', message: 'The payment could not be authenticated.' }, emit)
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error // a refusal is told through redirect_status
  }
}

/** Some cards are refused after the bank has agreed. */
function afterChallenge(account: Account, intent: ApiObject, emit: Emit): void {
  const card = cardOf(account.get('payment_method', String(intent.payment_method)))
  if (card.decline) decline(account, intent, { code: card.decline.code, decline_code: card.decline.declineCode, message: card.decline.message }, emit)
  else succeed(account, intent, emit)
}

/** The shop's return_url with the parameters that Stripe adds. */
function returnTo(url: string, intent: ApiObject): string {
  const target = new URL(url)
  target.searchParams.set(intent.object, intent.id)
  target.searchParams.set(`${intent.object}_client_secret`, String(intent.client_secret))
  target.searchParams.set('redirect_status', intent.status === 'succeeded' ? 'succeeded' : intent.status === 'processing' ? 'pending' : 'failed')
  return target.href
}
