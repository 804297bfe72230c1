/** Does a gateway take such an amount? */
import { Refusal } from '../../../shared/errors.js'
import type { Money } from '../../../shared/money/money.js'
import { GatewayAccount } from './gateways/gateway-account.js'

/** Nothing at all is no question for it. Asks nobody outside. Throws Refusal for a currency that it does not know. */
export async function chargeable(amount: Money, source: { readonly gatewayAccountId: number }): Promise<boolean> {
  const gateway = (await GatewayAccount.findOwned({ id: source.gatewayAccountId })).open()
  if (!gateway.takes(amount.currency)) throw new Refusal('payment.currency', `This way to pay does not take ${amount.currency}. Choose another one.`)
  return !amount.isPositive() || !gateway.tooSmall(amount.inSteps(gateway.stepOf(amount.currency)).minor, amount.currency)
}
