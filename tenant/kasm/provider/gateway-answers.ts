/** What a gateway of the user's document sends and how we read it. Anything else is a bad answer. */
import { z } from 'zod'
import { instantOf, rowsOf, statusOf } from './outside-words.js'

const id = z.string().regex(/^[A-Za-z0-9._-]{1,36}$/)
const status = z.string().max(100).transform(statusOf)
const time = z.string().max(64).nullish().catch(null).transform(instantOf)
const word = z.string().max(254)

export const gatewayAnswers = {
  made: z.object({
    workspace_id: id, access_url: z.string().max(2000).nullish(), username: word.nullish(), password: z.string().max(500).nullish(),
    status: status.default('starting'),
  }),
  list: z.object({
    workspaces: rowsOf(z.object({
      workspace_id: id, user_id: word, workspace_type: word.nullish().catch(null), template: word.nullish().catch(null), status: status.catch('unknown'),
      started_at: time, last_active_at: time, expires_at: time,
    }), 20_000),
  }),
  status: z.object({ status, access_url: z.string().max(2000).nullish(), uptime_seconds: z.number().nullish() }),
  nothing: z.looseObject({}),
}

const gigabyte = 1024 ** 3
/** The document's table "Service Offerings". */
export const documentTypes = ['developer', 'business'].flatMap((use) => [
  { imageId: `${use}_basic`, name: `${use === 'developer' ? 'Developer' : 'Business'} Basic`, cores: 2, memoryBytes: 4 * gigabyte },
  { imageId: `${use}_pro`, name: `${use === 'developer' ? 'Developer' : 'Business'} Pro`, cores: 4, memoryBytes: 8 * gigabyte },
  { imageId: `${use}_enterprise`, name: `${use === 'developer' ? 'Developer' : 'Business'} Enterprise`, cores: 8, memoryBytes: 16 * gigabyte },
])
