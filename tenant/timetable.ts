/** Every job and schedule of the shops, by loading the features that have some. Order matters for a moved clock: the meter looks before the bill is made. */
import './kasm/jobs.js'
import './billing/usage/jobs.js'
import './auth/jobs.js'
import './reactions.js'
