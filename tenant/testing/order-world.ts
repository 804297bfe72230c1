/** For tests of orders: a shop with Stripe, a signed-in customer with a full address, and the fields of the forms as the pages show them. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Browser } from '../../shared/testing/browser.js'
import type { Customer } from '../customers/customer.js'
import { usePaymentWorld, type PaymentWorld } from './payment-world.js'
import { useShop } from './shop.js'
import '../timetable.js'

export interface OrderWorld extends PaymentWorld {
  shop: ReturnType<typeof useShop>
  /** A verified customer whose address is complete, as acme knows them. */
  buyer(more?: Record<string, unknown>): Promise<Customer>
  /** Puts a plan into the browser's cart, as the product's page does. */
  put(browser: Browser, plan: { publicId: string }, more?: Record<string, string>): Promise<void>
  /** Opens the review and presses the button. */
  checkOut(browser: Browser, more?: Record<string, string>): ReturnType<Browser['post']>
  count(table: string, where?: object): Promise<number>
}

export const hidden = (body: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? ''

/** The fields of the review's form. */
export const reviewFields = (body: string): Record<string, string> => ({ checkout_key: hidden(body, 'checkout_key'), seen: hidden(body, 'seen'), terms_version: hidden(body, 'terms_version'), terms: 'on', pay: 'later' })

export function useOrderWorld(): OrderWorld {
  const world = usePaymentWorld() as OrderWorld
  world.shop = useShop()
  return Object.assign(world, {
    buyer: (more: Record<string, unknown> = {}) => world.in(() => world.customer({ address_line1: '1 High Street', city: 'Springfield', country: 'US', ...more })),
    put: async (browser: Browser, plan: { publicId: string }, more: Record<string, string> = {}) => {
      await browser.get('/cart')
      const answer = await browser.post('/cart/items', { plan: plan.publicId, ...more })
      if (answer.status !== 303) throw new Error(`The cart said ${answer.status}: ${/class="field-error"[^>]*>.*?<\/svg>([^<]*)/s.exec(answer.body)?.[1] ?? answer.body.slice(0, 2000)}`)
    },
    checkOut: async (browser: Browser, more: Record<string, string> = {}) => browser.post('/checkout', { ...reviewFields((await browser.get('/checkout')).body), ...more }),
    count: (table: string, where: object = {}) => world.in(async () => (await tenantDb()(table).where(where).count({ n: '*' }))[0]!['n'] as number),
  })
}
