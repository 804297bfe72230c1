/** What a decline code means for the next step. https://docs.stripe.com/declines/codes */

/** Not to be tried again with this method: the bank forbids it, or it cannot change without the customer. */
const hard = new Set([
  'lost_card', 'stolen_card', 'pickup_card', 'incorrect_number', 'invalid_number', 'invalid_account', 'revocation_of_authorization', 'revocation_of_all_authorizations', 'transaction_not_allowed',
  'authentication_required', 'payment_intent_authentication_failure', 'stop_payment_order', 'restricted_card', 'card_not_supported', 'expired_card', 'fraudulent', 'security_violation', 'no_action_taken',
])
const sentences: Readonly<Record<string, string>> = {
  insufficient_funds: 'The card has insufficient funds.',
  expired_card: 'The card has expired.',
  authentication_required: 'The bank wants you to confirm this payment yourself.',
  payment_intent_authentication_failure: 'The payment was not confirmed with the bank.',
  incorrect_cvc: 'The security code of the card is wrong.',
  incorrect_number: 'The card number is wrong.',
  processing_error: 'The bank could not process the card. Try again in a moment.',
  amount_too_small: 'The amount is too small to be charged by card. It is collected with the next invoice.',
}

export const isHardDecline = (code: string): boolean => hard.has(code)
export const wantsCustomer = (code: string): boolean => code === 'authentication_required' || code === 'payment_intent_authentication_failure'

/** A sentence for the customer. Lost, stolen and fraudulent cards get the same words as any other decline: whoever holds the card must not be told. */
export const declineSentence = (code: string): string => sentences[code] ?? 'The card was declined by the bank.'
