/** Stripe's published test cards and how each behaves. https://docs.stripe.com/testing */

export interface TestCard {
  number: string
  brand: string
  /** Well-known payment method id that stands for this card. */
  token: string
  label: string
  /** Refused at the charge. */
  decline?: { code: string; declineCode: string; message: string }
  /** Refused already when it is saved. */
  failsSetup?: boolean
  /** Asks for 3-D Secure: at every payment, or only until it was set up with authentication. */
  challenge?: 'always' | 'until-set-up'
  /** The charge is `processing` until somebody settles it (`settle` on the control API). */
  slow?: boolean
  /** After the bank was asked the charge is refused nevertheless. */
  declineAfterChallenge?: boolean
  /** The charge succeeds, then the holder complains; `inquiry` moves no money. */
  disputes?: 'fraudulent' | 'product_not_received' | 'inquiry'
  /** Refunds of it end so, by themselves or by the switch `refund`. */
  refunds?: 'pending' | 'fail-later'
}

const declined = (declineCode: string, message: string, code = 'card_declined') => ({ code, declineCode, message })

export const testCards: readonly TestCard[] = [
  { number: '4242424242424242', brand: 'visa', token: 'pm_card_visa', label: 'Visa, works' },
  { number: '5555555555554444', brand: 'mastercard', token: 'pm_card_mastercard', label: 'Mastercard, works' },
  { number: '378282246310005', brand: 'amex', token: 'pm_card_amex', label: 'American Express, works' },
  { number: '4000002760003184', brand: 'visa', token: 'pm_card_authenticationRequired', label: 'Visa, asks for authentication at every payment', challenge: 'always' },
  { number: '4000002500003155', brand: 'visa', token: 'pm_card_authenticationRequiredOnSetup', label: 'Visa, asks for authentication once, when it is saved', challenge: 'until-set-up' },
  { number: '4000000000003220', brand: 'visa', token: 'pm_card_threeDSecure2Required', label: 'Visa, 3-D Secure 2 required', challenge: 'always' },
  { number: '4000000000003063', brand: 'visa', token: 'pm_card_threeDSecureRequired', label: 'Visa, 3-D Secure required', challenge: 'always' },
  { number: '4000000000003055', brand: 'visa', token: 'pm_card_threeDSecureOptional', label: 'Visa, 3-D Secure supported, not required' },
  { number: '4000008400001629', brand: 'visa', token: 'pm_card_threeDSecureRequiredChargeDeclined', label: 'Visa, 3-D Secure required, declined after it', challenge: 'always', declineAfterChallenge: true, decline: declined('generic_decline', 'Your card was declined.') },
  { number: '4000008260003178', brand: 'visa', token: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', label: 'Visa, authentication once, then insufficient funds', challenge: 'until-set-up', declineAfterChallenge: true, decline: declined('insufficient_funds', 'Your card has insufficient funds.') },
  { number: '4000000000000341', brand: 'visa', token: 'pm_card_chargeCustomerFail', label: 'Visa, can be saved, every charge is declined', decline: declined('generic_decline', 'Your card was declined.') },
  { number: '4000000000009995', brand: 'visa', token: 'pm_card_chargeDeclinedInsufficientFunds', label: 'Visa, insufficient funds', decline: declined('insufficient_funds', 'Your card has insufficient funds.') },
  { number: '4000000000009987', brand: 'visa', token: 'pm_card_chargeDeclinedLostCard', label: 'Visa, reported lost', decline: declined('lost_card', 'Your card was declined.') },
  { number: '4000000000009979', brand: 'visa', token: 'pm_card_chargeDeclinedStolenCard', label: 'Visa, reported stolen', decline: declined('stolen_card', 'Your card was declined.') },
  { number: '4100000000000019', brand: 'visa', token: 'pm_card_chargeDeclinedFraudulent', label: 'Visa, blocked as fraudulent', decline: declined('fraudulent', 'Your card was declined.') },
  { number: '4000000000000002', brand: 'visa', token: 'pm_card_chargeDeclined', label: 'Visa, declined when it is saved', decline: declined('generic_decline', 'Your card was declined.'), failsSetup: true },
  { number: '4000000000000069', brand: 'visa', token: 'pm_card_chargeDeclinedExpiredCard', label: 'Visa, expired', decline: declined('expired_card', 'Your card has expired.', 'expired_card'), failsSetup: true },
  { number: '4000000000000127', brand: 'visa', token: 'pm_card_chargeDeclinedIncorrectCvc', label: 'Visa, wrong security code', decline: declined('incorrect_cvc', "Your card's security code is incorrect.", 'incorrect_cvc'), failsSetup: true },
  { number: '4000000000000119', brand: 'visa', token: 'pm_card_chargeDeclinedProcessingError', label: 'Visa, processing error', decline: declined('processing_error', 'An error occurred while processing your card.', 'processing_error'), failsSetup: true },
  { number: '4000000000000077', brand: 'visa', token: 'pm_card_bypassPending', label: 'Visa, works, funds at once' },
  { number: '4000000000006975', brand: 'visa', token: 'pm_card_chargeDeclinedVelocityLimitExceeded', label: 'Visa, too many charges', decline: declined('card_velocity_exceeded', 'Your card was declined.') },
  { number: '4000000000000259', brand: 'visa', token: 'pm_card_createDispute', label: 'Visa, works, then disputed as fraudulent', disputes: 'fraudulent' },
  { number: '4000000000002685', brand: 'visa', token: 'pm_card_createDisputeProductNotReceived', label: 'Visa, works, then disputed: not received', disputes: 'product_not_received' },
  { number: '4000000000001976', brand: 'visa', token: 'pm_card_createDisputeInquiry', label: 'Visa, works, then an inquiry', disputes: 'inquiry' },
  { number: '4000000000007726', brand: 'visa', token: 'pm_card_pendingRefund', label: 'Visa, works, refunds are pending', refunds: 'pending' },
  { number: '4000000000005126', brand: 'visa', token: 'pm_card_refundFail', label: 'Visa, works, refunds fail later', refunds: 'fail-later' },
  { number: '6011111111111117', brand: 'discover', token: 'pm_card_discover', label: 'Discover, works' },
  { number: '3056930009020004', brand: 'diners', token: 'pm_card_diners', label: 'Diners Club, works' },
  { number: '3566002020360505', brand: 'jcb', token: 'pm_card_jcb', label: 'JCB, works' },
  { number: '6200000000000005', brand: 'unionpay', token: 'pm_card_unionpay', label: 'UnionPay, works' },
  { number: '000123456789', brand: 'bank', token: 'pm_usBankAccount', label: 'Bank account, settles later', slow: true },
]

/** `pm_card_visa_chargeDeclined…` is the same card as `pm_card_chargeDeclined…`. */
export const cardByToken = (token: string): TestCard | undefined => {
  const plain = token.replace(/^pm_card_visa_(?!debit$)/, 'pm_card_').replace('pm_card_visa_debit', 'pm_card_visa').replace(/^pm_usBankAccount_\w+$/, 'pm_usBankAccount')
  return testCards.find((card) => card.token === plain)
}
export const cardByNumber = (number: string): TestCard | undefined => testCards.find((card) => card.number === number.replaceAll(/\D/g, ''))
