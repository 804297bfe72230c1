/** Days that people type at the desk. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { localMidnight } from '../../../shared/time/local-date.js'

/** The first instant of a day that was typed, as the shop counts. */
export const dayStart = (text: string): Date => {
  const [year, month, day] = text.split('-').map(Number)
  return localMidnight({ year: year!, month: month!, day: day! }, currentTenant().timeZone)
}
