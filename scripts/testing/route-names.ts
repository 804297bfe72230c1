/**
 * What every part of an address names, for the walk over all routes. A part that is not here makes the walk fail: say which record of owned-records.ts it names.
 * `bearer`: whoever knows it may use it, in this shop only. `public`: part of the shop's window.
 */
export type Reach = 'own' | 'bearer' | 'public'
export interface Named { readonly record: string; readonly reach: Reach }
const own = (record: string): Named => ({ record, reach: 'own' })
const bearer = (record: string): Named => ({ record, reach: 'bearer' })
const open = (record: string): Named => ({ record, reach: 'public' })

const ofWorkspace = (...routes: readonly string[]): Record<string, Named> => Object.fromEntries(routes.map((route) => [route.replace(' ', ' /services/:publicId/'), own('workspace')]))

/** By address up to and with the part; or by method and whole address, where one act is about another record of the kind. */
export const shopNames: Readonly<Record<string, Named>> = {
  '/webhooks/stripe/:accountPublicId': bearer('gateway'), '/webhooks/paypal/:accountPublicId': bearer('paypalGateway'), '/verify-email/:token': bearer('verifyToken'), '/password/reset/:token': bearer('resetToken'),
  '/account/sessions/:id': own('session'), '/products/:key': open('productSlug'), '/order/:planSlug': open('workspaceSlug'), '/cart/codes/:code': open('code'), '/cart/items/:publicId': own('cartItem'),
  '/payment-methods/setup/:setupId': own('setup'), '/payment-methods/paypal/:setupId': own('paypalSetup'), '/payment-methods/:publicId': own('method'),
  '/pay/done/:attempt': bearer('payment'), '/pay/:token': bearer('payToken'), '/pay/:token/setup/:setupId': bearer('setup'),
  '/invoices/:publicId': own('invoice'), '/credit-notes/:publicId': own('creditNote'), '/subscriptions/:publicId': own('subscription'), '/subscriptions/:publicId/changes/:changeId': own('change'),
  '/subscriptions/:publicId/addons/:plan': open('addonPlan'), '/services/:publicId': own('service'), '/orders/:publicId': own('order'), '/quotes/:publicId': own('quote'),
  ...ofWorkspace(
    'GET status', 'POST session', 'DELETE session', 'POST launch', 'GET desktop/:ticket', 'POST pause', 'POST restart', 'POST extension', 'GET usage', 'GET runs.csv', 'GET runs/:run', 'GET runs/:run/print', 'PUT budget', 'GET activity',
    'GET settings', 'PUT name', 'PUT auto-stop', 'POST schedules', 'DELETE schedules/:schedule', 'GET change', 'POST change', 'GET archive', 'POST archive', 'DELETE archive', 'GET cancellation', 'POST cancellation', 'GET credentials', 'POST credentials',
  ),
  '/services/:publicId/desktop/:ticket': own('nothing'), '/services/:publicId/runs/:run': own('run'), '/services/:publicId/schedules/:schedule': own('nothing'), '/notifications/:publicId': own('notification'),
}
export const deskNames: Readonly<Record<string, Named>> = {
  '/products/groups/:groupId': own('group'), '/products/:productId': own('product'), '/products/:productId/plans/:planId': own('plan'), '/products/:productId/options/:optionId': own('option'),
  '/orders/:publicId': own('order'), '/quotes/:publicId': own('draftQuote'), '/quotes/:publicId/lines/:lineId': own('quoteLine'), '/setups/:publicId': own('task'), '/services/:publicId': own('service'),
  '/taxes/numbers/:publicId': own('customer'), '/taxes/exemptions/:publicId': own('exemption'), '/taxes/rates/:publicId': own('rate'), '/taxes/registrations/:publicId': own('registration'), '/coupons/:publicId': own('coupon'),
  '/customers/:publicId': own('customer'), '/invoices/:publicId': own('invoice'), '/invoices/:publicId/lines/:lineId': own('draftLine'), '/credit-notes/:publicId': own('creditNote'),
  'PUT /invoices/:publicId': own('draft'), 'DELETE /invoices/:publicId': own('draft'), 'POST /invoices/:publicId/lines': own('draft'), 'PUT /invoices/:publicId/lines/:lineId': own('draft'), 'DELETE /invoices/:publicId/lines/:lineId': own('draft'), 'POST /invoices/:publicId/issue': own('draft'),
  '/subscriptions/:publicId': own('subscription'), '/subscriptions/:publicId/changes/:changeId': own('change'), '/gateways/events/:id': own('event'), '/gateways/disputes/:publicId': own('dispute'), '/gateways/:publicId': own('gateway'),
  '/payments/:publicId': own('payment'), '/refunds/:publicId': own('refund'), '/transfers/:publicId': own('transfer'), '/transfers/:publicId/matches/:payment': own('match'), '/dunning/:publicId': own('dunning'),
  '/workspaces/:publicId': own('workspace'), '/workspaces/:publicId/runs/:runId': own('run'),
  '/workspace-settings/hosts/:connection': own('nothing'), '/workspace-templates/:id': own('template'), '/ledger/customers/:publicId.csv': own('customer'), '/ledger/customers/:publicId': own('customer'), '/findings/:publicId': own('finding'), '/servers/:server': own('ownServer'),
}
/** Central's own pages. */
export const centralNames: Readonly<Record<string, Named>> = {
  '/reseller/set-password/:token': bearer('nothing'), '/reseller/password/reset/:token': bearer('nothing'), '/reseller/bills/:publicId': own('bill'),
  '/jobs/parked/:id': own('nothing'), '/jobs/:id': own('nothing'), '/resellers/:slug': own('reseller'), '/wholesale/:publicId': own('bill'), '/servers/:server': own('nothing'), '/servers/:server/strangers/:stranger': own('nothing'),
  '/templates/:key': own('nothing'), '/templates/images/:id': own('nothing'),
}

/** Read without an account; everything else asks to sign in. */
export const publicPages = new Set([
  'GET /sign-in', 'POST /sign-in', 'POST /session', 'POST /sign-out', 'DELETE /session', 'GET /sign-up', 'POST /sign-up', 'GET /verify-email', 'POST /verify-email', 'GET /password/forgot', 'POST /password/forgot',
  'GET /', 'GET /workspaces/plans', 'GET /products', 'GET /vps', 'GET /game-servers', 'GET /dedicated', 'GET /web-hosting', 'GET /other', 'POST /products/:key', 'GET /cart', 'POST /cart/items', 'POST /cart/confirmation', 'POST /cart/codes',
  'PUT /cart/place', 'GET /terms', 'GET /cart/items/:publicId', 'PUT /cart/items/:publicId', 'DELETE /cart/items/:publicId', 'DELETE /cart/codes/:code', 'GET /reseller/sign-in', 'POST /reseller/sign-in', 'POST /reseller/sign-out',
  'GET /reseller/password/forgot', 'POST /reseller/password/forgot', 'GET /reseller/set-password/:token', 'POST /reseller/set-password/:token', 'GET /reseller/password/reset/:token', 'POST /reseller/password/reset/:token',
])

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)
const key = 'aaaaaaaaaaaaaaaaaaaa'
const because = { reason: 'Because of that' }
type Fields = Readonly<Record<string, string>>
/** What a form must hold so that the route looks for its record at all. */
export const shopFields: Readonly<Record<string, Fields>> = {
  'POST /services/:publicId/cancellation': { confirm: '@SUM(1)' }, 'POST /services/:publicId/extension': { minutes: '60' }, 'POST /password/reset/:token': { password: 'a quiet harbour town' },
}
export const deskFields: Readonly<Record<string, Fields>> = {
  'POST /workspaces/:publicId/force-stop': because, 'POST /workspaces/:publicId/end': because,
  'POST /workspaces/:publicId/runs/:runId/preview': { stoppedAt: '2026-10-02T08:30:00', ...because }, 'POST /workspaces/:publicId/runs/:runId/correction': { stoppedAt: '2026-10-02T08:30:00', ...because },
  'PUT /products/groups/:groupId': { name: 'Group', slug: 'group' }, 'POST /products/:productId/plans': { currency: 'USD', price_quarterly: '12.00' }, 'POST /products/:productId/plans/:planId/preview': { price: '6.00', version: '1', who: 'new' },
  'PUT /products/:productId/plans/:planId/price': { price: '6.00', version: '1', who: 'new' }, 'PUT /products/:productId/plans/:planId/status': { status: 'active' }, 'POST /products/:productId/options': { name: 'Disk', kind: 'checkbox' },
  'PUT /products/:productId/options/:optionId': { name: 'Backup' }, 'PUT /products/:productId/options/:optionId/status': { status: 'active' }, 'PUT /products/:productId/status': { status: 'active' },
  'PUT /products/:productId/details': { name: 'VPS', slug: 'vps-walk', max_quantity: '5', tax_class: 'standard', upgrade: 'now', downgrade: 'now' },
  'PUT /quotes/:publicId': { validUntil: day(9) }, 'POST /quotes/:publicId/texts': { text: 'More work', amount: '5.00' }, 'POST /quotes/:publicId/lines': { plan: '$plan' }, 'POST /services/:publicId/suspension': because, 'POST /services/:publicId/termination': { confirm: 'web-1' },
  'PUT /taxes/rates/:publicId': { country: 'DE', taxClass: 'standard', name: 'VAT', percent: '19' }, 'PUT /taxes/exemptions/:publicId/approval': { reason: 'Charity', evidence: 'A certificate', validFrom: day(0) },
  'POST /customers/:publicId/notes': { body: 'Called' }, 'POST /customers/:publicId/credit': { amount: '1.00', description: 'Sorry', formKey: key }, 'PUT /customers/:publicId/profile': { name: 'Alice', country: 'US', timeZone: 'UTC' },
  'POST /invoices/:publicId/lines': { description: 'More', quantity: '1', price: '2.00' }, 'PUT /invoices/:publicId/lines/:lineId': { description: 'More', quantity: '1', price: '2.00' },
  'POST /invoices/:publicId/credit-note': { to: 'balance', reason: 'Too much', formKey: key, all: 'on' }, 'POST /invoices/:publicId/credit-notes': { to: 'balance', reason: 'Too much', formKey: key, all: 'on' }, 'POST /invoices/:publicId/letters': { formKey: key },
  'POST /subscriptions/:publicId/coupon': { code: 'NOBODY' }, 'POST /subscriptions/:publicId/cancellation': { timing: 'end' }, 'POST /gateways/disputes/:publicId/submission': { version: '1' }, 'PUT /gateways/:publicId/keys': { secret: 'sk_test_other' }, 'POST /payments/:publicId/refund': { amount: '1.00', to: 'credit', ...because, formKey: key },
  'POST /payments/:publicId/resolution': { outcome: 'failed', ...because }, 'POST /refunds/:publicId/resolution': { outcome: 'failed', ...because }, 'POST /transfers/:publicId/matches': { email: 'alice@mail.example', creditAmount: '1.00' },
  'POST /transfers/:publicId/matches/:payment/undo': because, 'POST /dunning/:publicId/pause': { ...because, until: day(3) }, 'POST /dunning/:publicId/exemption': because, 'POST /dunning/:publicId/forgiveness': because, 'POST /dunning/:publicId/skip': { ...because, step: 'warn' },
  'POST /payments/selection/acts': { act: 'credit', ids: 'zzz', seen: '1', ...because, formKey: key }, 'POST /refunds/selection/acts': { act: 'credit', ids: 'zzz', formKey: key }, 'POST /transfers/selection/acts': { act: 'back', ids: 'zzz', seen: '1', formKey: key },
  'POST /gateways/events/selection/acts': { act: 'replay', ids: '0', seen: '1', formKey: key },
  'POST /dunning/selection/acts': { act: 'pause', ids: 'zzz', ...because, until: day(3), formKey: key }, 'POST /taxes/selection/acts': { act: 'remove', ids: 'zzz', formKey: key }, 'POST /taxes/exemptions/selection/acts': { act: 'end', ids: 'zzz', formKey: key }, 'POST /taxes/numbers/selection/acts': { act: 'ask', ids: 'zzz', formKey: key },
  'POST /workspaces/selection/acts': { act: 'stop', ids: 'zzz', ...because, formKey: key }, 'POST /workspaces/failures/selection/acts': { act: 'retry', ids: 'zzz', formKey: key }, 'POST /subscriptions/selection/acts': { act: 'end', ids: 'zzz', formKey: key }, 'POST /invoices/selection/acts': { act: 'send', ids: 'zzz', formKey: key },
  'PUT /findings/:publicId/note': { note: 'It is known.' }, 'POST /workspace-templates/:id/position': { way: 'up' },
}
/** What people of the role `support` may do. */
export const supportMay = new Set(['POST /customers/:publicId/notes', 'POST /setups/:publicId/readiness', 'POST /setups/:publicId/completion', 'PUT /services/:publicId/details', 'POST /payments/:publicId/look', 'POST /gateways/disputes/:publicId/look', 'POST /gateways/:publicId/test', 'POST /invoices/:publicId/letters', 'POST /invoices/selection', 'POST /payments/selection', 'POST /refunds/selection', 'POST /transfers/selection', 'POST /gateways/events/selection', 'POST /dunning/selection', 'POST /taxes/selection', 'POST /taxes/exemptions/selection', 'POST /taxes/numbers/selection', 'POST /subscriptions/selection', 'POST /workspaces/selection', 'POST /workspaces/failures/selection'])
/** Out of the door: they read no form. */
export const formless = new Set(['POST /sign-out', 'DELETE /session', 'POST /reseller/sign-out'])
/** Only the platform's staff may do it. */
export const forStaff = new Set(['PUT /products/:productId/plans/:planId/wholesale'])
/** What an address asks for besides. */
export const queries: Readonly<Record<string, string>> = { 'GET /quotes/:publicId/lines/new': '?plan=$plan' }
/** They only work out what was chosen, or found nothing chosen: nothing is written, whatever else was sent. */
export const lookers = new Set(['POST /products/:key', 'POST /invoices/selection', 'POST /payments/selection', 'POST /refunds/selection', 'POST /transfers/selection', 'POST /gateways/events/selection', 'POST /subscriptions/selection', 'POST /workspaces/selection', 'POST /workspaces/failures/selection', 'POST /dunning/selection', 'POST /taxes/selection', 'POST /taxes/exemptions/selection', 'POST /taxes/numbers/selection'])
/** A link or a refund that is over: refused before its form is read. */
export const refusedAnyway = new Set(['POST /verify-email/:token', 'POST /refunds/:publicId/resolution'])
