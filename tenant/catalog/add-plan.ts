/** A product gets a price for one more cycle or currency. */
import { FormErrors } from '../../shared/errors.js'
import { errnoOf } from '../../shared/database/database-busy.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { exponentOf } from '../../shared/money/currency.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Cycle } from '../../shared/time/period.js'
import { writeVersion } from './change-price.js'
import { Plan } from './plan.js'
import { faultOfPrice } from './price-rules.js'
import type { OfferStatus, Product } from './product.js'

export interface NewPlan {
  readonly cycle: Cycle
  readonly currency: string
  readonly priceMicros: number
  readonly setupFeeMinor?: number
  readonly status?: OfferStatus
  /** Article of EZSCALE's price list; staff sets it. */
  readonly wholesaleSku?: string | null
  /** The list's price, as `plan.wholesalePriceMicros`. */
  readonly wholesalePriceMicros?: number | null
}
const DUPLICATE = 1062

/** Throws FormErrors (`cycle`, `currency`, `price`, `setup`): also when the product has a plan of this cycle and currency already. */
export async function addPlan(product: Product, { cycle, currency, priceMicros, setupFeeMinor = 0, ...more }: NewPlan): Promise<Plan> {
  assertPossible(product, { cycle, currency, priceMicros, setupFeeMinor })
  try {
    return await tenantTransaction(async () => {
      const plan = await Plan.query().insertAndFetch({
        publicId: newPublicId(), productId: product.id, slug: `${product.slug}-${cycle}-${currency.toLowerCase()}`, name: product.name, description: product.description, serviceType: product.serviceType,
        billingCycle: cycle, currency, priceMicros, setupFeeMinor, status: 'active', sortOrder: product.sortOrder, ...more,
      })
      await writeVersion({ planId: plan.id, version: 1, priceMicros, setupFeeMinor, since: plan.createdAt })
      await record('plan.added', plan, { product: product.publicId, cycle, currency, priceMicros, setupFeeMinor })
      return plan
    })
  } catch (error) {
    if (errnoOf(error) === DUPLICATE) throw new FormErrors({ cycle: 'This product has a price for this cycle and currency already. Change that one, or offer it again.' })
    throw error
  }
}

function assertPossible(product: Product, { cycle, currency, priceMicros, setupFeeMinor }: Required<Pick<NewPlan, 'cycle' | 'currency' | 'priceMicros' | 'setupFeeMinor'>>): void {
  const faults: Record<string, string> = {}
  if (product.serviceType === 'kasm_workspace') faults['cycle'] = 'Workspaces are sold by the hour; their plans are set up by the platform.'
  else if (cycle === 'hourly') faults['cycle'] = 'Only workspaces are metered by the hour.'
  try {
    exponentOf(currency)
  } catch {
    faults['currency'] = 'Enter a currency code like USD.'
  }
  const price = faults['currency'] ? null : faultOfPrice(priceMicros, cycle, currency)
  if (price) faults['price'] = price
  if (!Number.isSafeInteger(setupFeeMinor) || setupFeeMinor < 0 || setupFeeMinor > 1e11) faults['setup'] = 'Enter a set-up fee of 0 or more.'
  if (Object.keys(faults).length > 0) throw new FormErrors(faults)
}
