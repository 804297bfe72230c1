/** Every job, schedule and letter of the shops, by loading the features that have some. Order matters for a moved clock: the meter looks before the bill is made, the bill before it is collected. */
import './catalog/jobs.js'
import './kasm/jobs.js'
import './billing/usage/jobs.js'
import './billing/payments/jobs.js'
import './billing/dunning/jobs.js'
import './billing/tax/jobs.js'
import './auth/jobs.js'
import './reactions.js'
