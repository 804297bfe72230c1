/** What runs by itself for orders and quotes. Each may be run at any time, any number of times. */
import { schedule } from '../../shared/jobs/timetable.js'
import { expireOrders } from './expire-orders.js'
import { expireQuotes } from './expire-quotes.js'
import { forgetCarts } from './forget-carts.js'

schedule({ name: 'ordering.expire-orders', every: '1 hour', scope: 'tenant', run: expireOrders })
schedule({ name: 'ordering.expire-quotes', every: '1 hour', scope: 'tenant', run: expireQuotes })
schedule({ name: 'ordering.forget-carts', every: '1 day', scope: 'tenant', run: forgetCarts })
