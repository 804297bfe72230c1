/** What the released developer API sends and how we read it. Anything else is a bad answer. */
import { z } from 'zod'
import type { KasmSession } from './kasm-api.js'
import { instantOf, rowsOf, statusOf } from './outside-words.js'

/** Kasm says ids with or without hyphens; we keep the bare form. */
const id = z.string().max(64).transform((v) => v.replaceAll('-', '').toLowerCase()).pipe(z.string().regex(/^[0-9a-f]{32}$/))
const status = z.string().max(100).transform(statusOf)
/** Of a session, more than its ids need not be readable: what cannot be read proves nothing. */
const seen = status.catch('unknown')
const time = z.string().max(64).nullish().catch(null).transform(instantOf)
const name = z.string().max(254)
const user = z.object({ user_id: id, username: name })
const session = z.object({
  kasm_id: id, user_id: id, image_id: id.nullish().catch(null), operational_status: seen, username: name.nullish().catch(null),
  user: z.object({ username: name.nullish() }).nullish().catch(null),
  start_date: time, keepalive_date: time, expiration_date: time,
})
const image = z.object({
  image_id: id, friendly_name: z.string().max(500), description: z.string().max(20_000).nullish(), image_src: z.string().max(2000).nullish(),
  categories: z.array(z.string().max(200)).max(100).nullish(),
  cores: z.number(), memory: z.number(), available: z.boolean().nullish(), enabled: z.boolean().nullish(),
})

export const answers = {
  user: z.object({ user }),
  users: z.object({ users: rowsOf(user, 200_000) }),
  groups: z.object({ groups: rowsOf(z.object({ group_id: id, name }), 20_000) }),
  group: z.object({ group: z.object({ group_id: id }) }),
  requested: z.object({ kasm_id: id, user_id: id, username: name.nullish(), status: status.default('starting') }),
  sessions: z.object({ kasms: rowsOf(session, 20_000) }),
  status: z.object({
    kasm_url: z.string().max(2000), operational_status: status.optional(), kasm: z.object({ operational_status: status.optional() }).nullish(),
  }),
  images: z.object({ images: rowsOf(image, 20_000) }),
  keepalive: z.object({ usage_reached: z.boolean().default(false) }),
  nothing: z.looseObject({}),
}

export const sessionFrom = (k: z.infer<typeof session>): KasmSession => ({
  kasmId: k.kasm_id, userId: k.user_id, username: k.username ?? k.user?.username ?? null, imageId: k.image_id ?? null, status: k.operational_status,
  startedAt: k.start_date, lastActiveAt: k.keepalive_date, expiresAt: k.expiration_date,
})
