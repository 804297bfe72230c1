/** What runs by itself for a shop's alerts. Each may be run at any time, any number of times. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { forgetAlerts } from './forget-alerts.js'
import { postAlerts } from './post-alerts.js'
import { watchCosts } from './watch-costs.js'
import { watchServers } from './watch-servers.js'

schedule({ name: 'alerts.post', every: '1 minute', scope: 'tenant', run: postAlerts })
schedule({ name: 'alerts.forget', every: '1 day', scope: 'tenant', run: forgetAlerts })
schedule({ name: 'alerts.watch-costs', every: '10 minutes', scope: 'tenant', run: watchCosts })
schedule({ name: 'alerts.watch-servers', every: '5 minutes', scope: 'tenant', run: watchServers })
