/** What a decline code means for the next step. https://docs.stripe.com/declines/codes, https://developer.paypal.com/api/rest/reference/orders/v2/errors (PayPal's issues, in small letters) */

/** Not to be tried again with this method: the bank forbids it, or it cannot change without the customer. */
const hard = new Set([
  'lost_card', 'stolen_card', 'pickup_card', 'incorrect_number', 'invalid_number', 'invalid_account', 'revocation_of_authorization', 'revocation_of_all_authorizations', 'transaction_not_allowed',
  'authentication_required', 'payment_intent_authentication_failure', 'payer_action_required', 'payer_account_locked_or_closed', 'payer_account_restricted', 'billing_agreement_cancelled',
  'agreement_already_cancelled', 'payment_token_not_found', 'payer_cannot_pay', 'compliance_violation', 'stop_payment_order', 'restricted_card', 'card_not_supported', 'expired_card', 'fraudulent', 'security_violation', 'no_action_taken',
])
const sentences: Readonly<Record<string, string>> = {
  insufficient_funds: 'The card has insufficient funds.',
  expired_card: 'The card has expired.',
  authentication_required: 'The bank wants you to confirm this payment yourself.',
  payment_intent_authentication_failure: 'The payment was not confirmed with the bank.',
  incorrect_cvc: 'The security code of the card is wrong.',
  incorrect_number: 'The card number is wrong.',
  processing_error: 'The bank could not process the card. Try again in a moment.',
  payer_action_required: 'PayPal wants you to confirm this payment yourself.',
  instrument_declined: 'PayPal could not charge the card or bank account behind your PayPal account.',
  transaction_limit_exceeded: 'This payment exceeds the limit of your PayPal account.',
  billing_agreement_cancelled: 'The permission to charge this PayPal account was withdrawn.',
  agreement_already_cancelled: 'The permission to charge this PayPal account was withdrawn.',
  payment_token_not_found: 'This PayPal account is no longer connected. Add it again.',
  currency_not_supported: 'This payment method does not take this currency.',
  amount_too_small: 'The amount is too small to be charged by card. It is collected with the next invoice.',
}

export const isHardDecline = (code: string): boolean => hard.has(code)
export const wantsCustomer = (code: string): boolean => ['authentication_required', 'payment_intent_authentication_failure', 'payer_action_required'].includes(code)

/** A sentence for the customer. Lost, stolen and fraudulent cards get the same words as any other decline: whoever holds the card must not be told. */
export const declineSentence = (code: string): string => sentences[code] ?? 'The card was declined by the bank.'

/** The same for a PayPal account; whoever uses it is not told that it was locked. */
export const paypalSentence = (code: string): string => sentences[code] ?? 'PayPal declined the payment.'
