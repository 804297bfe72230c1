/** The one thing a customer should do now. Pure: the overview asks, tests write the facts out. */

export interface Standing {
  readonly verified: boolean
  /** The open invoice that falls due first. */
  readonly due: { readonly publicId: string; readonly amount: string; readonly date: string | null; readonly overdue: boolean } | null
  /** All that can be paid in one go, when that is more than the one. */
  readonly together: { readonly amount: string; readonly invoices: number } | null
  readonly services: number
  /** A service that could not be set up. */
  readonly failed: { readonly publicId: string; readonly name: string } | null
  readonly canPay: boolean
  /** The next charge that comes by itself; asked only where no payment method is saved. */
  readonly coming: { readonly amount: string; readonly date: string } | null
}
export interface NextStep {
  readonly tone: 'info' | 'warn' | 'bad'
  readonly title: string
  readonly text: string
  readonly href: string
  readonly label: string
}

/** Null: all is well. */
export function nextStep(now: Standing): NextStep | null {
  if (!now.verified) return { tone: 'warn', title: 'Confirm your e-mail address', text: 'Open the link in the letter we sent you. Until then nothing can be ordered.', href: '/verify-email', label: 'Confirm address' }
  if (now.due) {
    const { date, overdue } = now.due
    const { amount } = now.together ?? now.due
    const it = now.together ? 'The first of them' : 'It'
    const text = overdue ? `${it} is overdue. Pay now to keep your services running.` : `${it} is due ${date ? `on ${date}` : 'now'}.`
    const what = now.together ? { title: `Pay ${amount} for ${now.together.invoices} invoices`, href: '/pay-all' } : { title: `Pay ${amount}`, href: `/invoices/${now.due.publicId}` }
    return { tone: overdue ? 'bad' : 'info', ...what, text, label: `Pay ${amount}` }
  }
  if (now.failed) return { tone: 'warn', title: `“${now.failed.name}” could not be set up`, text: 'We are told and look at it. Nothing is charged for it.', href: `/services/${now.failed.publicId}`, label: 'See what happened' }
  if (now.coming) return { tone: 'info', title: 'Add a payment method', text: `${now.coming.amount} is charged on ${now.coming.date}. With a saved method you need not think of it.`, href: '/payment-methods', label: 'Add payment method' }
  if (now.services > 0 && !now.canPay) return { tone: 'warn', title: 'Add a payment method', text: 'Without one, or credit, your services cannot be started.', href: '/payment-methods', label: 'Add payment method' }
  if (now.services === 0) return { tone: 'info', title: 'Start your first workspace', text: 'Choose a plan; it runs in your browser a minute later.', href: '/workspaces/plans', label: 'See plans and prices' }
  return null
}
