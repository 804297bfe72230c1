/** What runs by itself for the catalogue. */
import { schedule } from '../../shared/jobs/timetable.js'
import { refreshWholesaleCopies } from './wholesale-copy.js'

schedule({ name: 'catalog.wholesale-copies', every: '1 day', scope: 'tenant', run: async () => void (await refreshWholesaleCopies()) })
