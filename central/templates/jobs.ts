/** Each hour the servers are asked for their images; shops that are behind the catalogue are brought up to it again. */
import { schedule } from '../../shared/jobs/timetable.js'
import { offerTemplates } from './deliver-templates.js'
import { syncAllImages } from './sync-images.js'

export function registerTemplateSchedules(): void {
  schedule({ name: 'templates.look-for-images', every: '1 hour', scope: 'central', run: async () => void (await syncAllImages()) })
  schedule({ name: 'templates.offer', every: '10 minutes', scope: 'central', run: async () => void (await offerTemplates()) })
}
