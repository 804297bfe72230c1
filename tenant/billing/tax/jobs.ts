/** What the timetable runs: numbers that were never answered, and those to be asked about again. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { checkTaxNumber } from './check-job.js'
import { numbersDue } from './check-tax-number.js'

export async function queueDueNumbers(now: Date): Promise<void> {
  for (const userId of await numbersDue(now)) await checkTaxNumber.enqueue({ userId }, { key: `tax-number:${userId}` })
}

schedule({ name: 'tax.check-numbers', every: '10 minutes', scope: 'tenant', run: queueDueNumbers })
