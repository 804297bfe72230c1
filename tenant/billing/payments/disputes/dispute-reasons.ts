/** Why customers dispute, in plain words, and what usually decides such a case. Of the gateways' public guides, in our own words. */
export type DisputeTopic = 'fraud' | 'not-received' | 'not-as-described' | 'canceled' | 'credit' | 'duplicate' | 'amount' | 'unrecognized' | 'other'

export interface ReasonWords {
  readonly topic: DisputeTopic
  readonly title: string
  readonly text: string
  /** What usually wins, the strongest first. */
  readonly wins: readonly string[]
}

const topics: Readonly<Record<string, DisputeTopic>> = {
  fraudulent: 'fraud', unauthorised: 'fraud', debit_not_authorized: 'fraud', product_not_received: 'not-received', merchandise_or_service_not_received: 'not-received',
  product_unacceptable: 'not-as-described', merchandise_or_service_not_as_described: 'not-as-described', subscription_canceled: 'canceled', canceled_recurring_billing: 'canceled',
  credit_not_processed: 'credit', duplicate: 'duplicate', duplicate_transaction: 'duplicate', payment_by_other_means: 'duplicate', incorrect_amount: 'amount', unrecognized: 'unrecognized',
}

const words: Readonly<Record<DisputeTopic, Omit<ReasonWords, 'topic'>>> = {
  fraud: {
    title: 'The holder says that somebody else paid with it', text: 'The bank must be shown that the holder ordered, or used what was ordered.',
    wins: ['Sign-ins and use after the payment, with times and IP addresses', 'The same address, e-mail and IP as in earlier payments that nobody disputed', 'The time and IP address of the order, and that the e-mail address was confirmed'],
  },
  'not-received': {
    title: 'The customer says that nothing was delivered', text: 'For a service, use is delivery: show that it was set up and used.',
    wins: ['When the service was set up, and sign-ins and use after that', 'The letters that told the customer how to use it', 'That the customer never asked for help, or when you helped'],
  },
  'not-as-described': {
    title: 'The customer says that it is not what was described', text: 'Show what was described at the time of the order, and that it was delivered so.',
    wins: ['The description that the customer saw, with its size and price', 'Long use without a complaint', 'Your refund policy, and that the customer agreed to it'],
  },
  canceled: {
    title: 'The customer says that the subscription was canceled', text: 'Show that it was not canceled before the payment, or was used after it.',
    wins: ['That no cancellation arrived before the payment, and how one cancels', 'Use after the day of the alleged cancellation', 'The cancellation policy, and that the customer agreed to it'],
  },
  credit: {
    title: 'The customer says that a refund was promised and did not come', text: 'Show the refund, or why none was due.',
    wins: ['The refund, with its day and amount, when one was made', 'The refund policy, and that the customer agreed to it', 'Letters in which nothing was promised'],
  },
  duplicate: {
    title: 'The customer says that the same thing was paid twice', text: 'Show that each payment was for something of its own.',
    wins: ['Both invoices, with their numbers and periods', 'What each payment was for', 'The refund, when it was in fact a duplicate'],
  },
  amount: { title: 'The customer says that the amount is wrong', text: 'Show the price that was agreed, and how the amount follows from it.', wins: ['The invoice with its lines', 'The price at the time of the order', 'For metered use: each run with its time'] },
  unrecognized: {
    title: 'The holder does not recognize the payment', text: 'Often a forgotten order or an unknown name on the statement. Write to the customer first: a dispute that the holder takes back is won.',
    wins: ['The name, e-mail address and order that the holder will recognize', 'Sign-ins and use after the payment', 'A letter in which the customer recognizes the payment'],
  },
  other: { title: 'No exact reason is given', text: 'Show who ordered what, that it was delivered, and on which terms.', wins: ['The order with its time and IP address', 'Sign-ins and use', 'The invoice and the terms that were agreed'] },
}

/** `reason`: the gateway's word, in any case. */
export function reasonWords(reason: string): ReasonWords {
  const topic = topics[reason.toLowerCase()] ?? 'other'
  return { topic, ...words[topic] }
}
