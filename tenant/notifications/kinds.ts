/** What a customer may be told about, and how. One entry a kind: pages, preferences and letters ask here. */

export interface NoticeKind {
  readonly type: NoticeType
  readonly group: 'Workspaces' | 'Services' | 'Billing' | 'Account'
  /** On the preferences page. */
  readonly label: string
  readonly text: string
  readonly icon: string
  /** The letter is always sent: it asks for money, proves a payment, or protects the account. */
  readonly mailFixed: boolean
  /** No letter exists; there is nothing to switch. */
  readonly mailless: boolean
  /** What holds until the customer chooses. */
  readonly mail: boolean
  readonly app: boolean
}

type Rest = Partial<Pick<NoticeKind, 'mailFixed' | 'mailless' | 'mail' | 'app'>>
const kind = (type: NoticeType, group: NoticeKind['group'], icon: string, label: string, text: string, rest: Rest = {}): NoticeKind =>
  ({ type, group, icon, label, text, mailFixed: false, mailless: false, mail: true, app: true, ...rest })
const always = { mailFixed: true }
const inAppOnly = { mailless: true, mail: false }

export const noticeKinds = [
  kind('workspace-ready', 'Workspaces', 'circle-check', 'A workspace is ready', 'It is set up and runs for the first time.'),
  kind('workspace-trouble', 'Workspaces', 'alert-circle', 'A workspace has trouble', 'It could not be set up, or could not be started.'),
  kind('workspace-auto-stop', 'Workspaces', 'hourglass', 'A workspace is about to be stopped', 'A few minutes before an automatic stop, so that you can extend it.'),
  kind('workspace-stopped', 'Workspaces', 'player-stop', 'A workspace was stopped for you', 'By its schedule, by idle time, by a budget, or by itself.', inAppOnly),
  kind('workspace-budget', 'Workspaces', 'gauge', 'A budget is nearly or fully spent', 'At 80 % and at 100 % of the limit you have set.'),
  kind('workspace-changed', 'Workspaces', 'edit', 'A workspace was changed or removed', 'Renamed, another size, removed, or brought back.', inAppOnly),
  kind('service-ready', 'Services', 'server', 'A service is ready or was suspended', 'What our team has set up for you, and what may not be used any more.'),
  kind('low-credit', 'Billing', 'coins', 'Your credit is running low', 'Before workspaces can no longer be started.'),
  kind('invoice', 'Billing', 'file-invoice', 'New invoices', 'Each invoice when it is issued.', always),
  kind('payment', 'Billing', 'credit-card', 'Payments and refunds', 'Receipts, payments that did not succeed, and money that goes back.', always),
  kind('subscription', 'Billing', 'refresh', 'Changes of a subscription', 'Canceled, ended, or a new price.', always),
  kind('account', 'Account', 'shield-lock', 'Security of your account', 'A new password, a changed address.', always),
] as const satisfies readonly NoticeKind[]

export type NoticeType =
  | 'workspace-ready' | 'workspace-trouble' | 'workspace-auto-stop' | 'workspace-stopped' | 'workspace-budget' | 'workspace-changed' | 'service-ready' | 'low-credit' | 'invoice' | 'payment' | 'subscription' | 'account'

/** Undefined for a type that an older release wrote. */
export const kindOf = (type: string): NoticeKind | undefined => noticeKinds.find((k) => k.type === type)
