/** What runs by itself for budgets: after the poll of the same minute, so that it decides by what was just seen. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { guardBudgets } from './guard-budgets.js'
import { guardCredit } from './guard-credit.js'

schedule({ name: 'kasm.guard-budgets', every: '1 minute', scope: 'tenant', run: guardBudgets })
schedule({ name: 'kasm.guard-credit', every: '1 minute', scope: 'tenant', run: guardCredit })
