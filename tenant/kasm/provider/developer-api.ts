/**
 * KasmApi over the released developer API (1.19 and before): every call is `POST /api/public/<call>` with key and secret in the JSON body.
 * Errors come as `{"error_message"}`, often with HTTP 200, so the body is read before the status.
 * Stop and resume are not in the published list; their path is a setting of the connection (`stopPath`, `resumePath`; null = not offered).
 */
import { z } from 'zod'
import { OutsideError } from '../../../shared/errors.js'
import { assertOutsideAllowed, callOutside, type OutsideAnswer } from '../../../shared/outside/client.js'
import { releaseLease } from '../../../shared/database/tenant-database.js'
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import { kasmCodes, type KasmApi, type KasmSession, type KasmStatus, type SessionRef } from './kasm-api.js'

const settingsSchema = z.object({
  stopPath: z.string().startsWith('/').nullable().default('/api/stop_kasm'),
  resumePath: z.string().startsWith('/').nullable().default('/api/resume_kasm'),
  timeoutMs: z.number().int().min(50).max(60_000).default(15_000),
})

/** Kasm says ids with or without hyphens; we keep the bare form. */
const id = z.string().max(64).transform((v) => v.replaceAll('-', '').toLowerCase()).pipe(z.string().regex(/^[0-9a-f]{32}$/))
const status = z.string().transform((v): KasmStatus => {
  const word = v.toLowerCase()
  return (['starting', 'running', 'stopped', 'paused', 'deleting'] as const).find((s) => s === word) ?? (['requested', 'provisioning', 'assigned'].includes(word) ? 'starting' : 'unknown')
})
const session = z.object({ kasm_id: id, user_id: id, image_id: id.nullish(), operational_status: status })
const answers = {
  user: z.object({ user: z.object({ user_id: id, username: z.string().max(254) }) }),
  requested: z.object({ kasm_id: id, user_id: id, status: status.default('starting') }),
  sessions: z.object({ kasms: z.array(session).max(20_000) }),
  status: z.object({ kasm_url: z.string().max(2000), operational_status: status.optional(), kasm: session.partial().nullish() }),
  images: z.object({ images: z.array(z.object({ image_id: id, friendly_name: z.string().max(500), cores: z.number(), memory: z.number(), available: z.boolean().nullish() })) }),
  nothing: z.looseObject({}),
}

/** What Kasm's sentences mean, first match wins. Repeating helps only where the world may change by itself. */
const meanings: Array<[RegExp, string, boolean]> = [
  [/no resources/i, kasmCodes.noResources, true],
  [/already exists/i, kasmCodes.userExists, false],
  [/not authorized|no default image/i, kasmCodes.imageNotAuthorized, false],
  [/unauthorized|access denied|permission/i, kasmCodes.unauthorized, false],
  [/invalid kasm_id|unable to find|not found|does not exist/i, kasmCodes.notFound, false],
  [/not in a valid state/i, kasmCodes.wrongState, true],
]

const fail = (message: string, code: string, retryable: boolean, unknown = false): OutsideError => new OutsideError(message, { door: 'kasm', code, retryable, unknown })
/** One printable line of at most 200 characters: the outside's words are input like any other. */
const shorten = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)

function errorIn(answer: OutsideAnswer): OutsideError | null {
  const body = answer.json as { error_message?: unknown } | undefined
  const said = body && typeof body === 'object' && typeof body.error_message === 'string' && body.error_message ? body.error_message : null
  if (said && answer.status < 500) {
    const [, code, retryable] = meanings.find(([words]) => words.test(said)) ?? [null, answer.status === 403 ? kasmCodes.unauthorized : 'refused', true]
    return fail(`The workspace server refused: ${shorten(said)}`, code, retryable)
  }
  if (answer.status === 401 || answer.status === 403) return fail('The workspace server does not accept our key for this.', kasmCodes.unauthorized, false)
  if (answer.status === 404) return fail('The workspace server does not know this call.', kasmCodes.notSupported, false)
  if (answer.status >= 400) return fail(`The workspace server answered with HTTP ${answer.status}.`, `http-${answer.status}`, true, answer.status >= 500)
  return null
}

export class DeveloperApi implements KasmApi {
  readonly #settings: z.infer<typeof settingsSchema>
  constructor(private readonly connection: ProviderConnection) {
    this.#settings = settingsSchema.parse(connection.settings)
  }

  async #post<T>(path: string, body: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    assertOutsideAllowed('kasm')
    releaseLease()                                                  // nobody waits for our database connection while Kasm thinks
    const { apiKey, apiKeySecret } = this.connection.secrets
    const answer = await callOutside({
      door: 'kasm', method: 'POST', url: new URL(path, this.connection.baseUrl).href, timeoutMs: this.#settings.timeoutMs,
      body: { api_key: apiKey, api_key_secret: apiKeySecret, ...body },
    })
    const error = errorIn(answer)
    if (error) throw error
    const parsed = schema.safeParse(answer.json)
    if (!parsed.success) throw fail('The workspace server gave an answer that we do not understand.', kasmCodes.badAnswer, true, true)
    return parsed.data
  }
  #public<T>(call: string, body: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    return this.#post(`/api/public/${call}`, body, schema)
  }

  async createUser(user: { username: string; password: string; firstName: string; lastName: string }) {
    const target = { username: user.username, password: user.password, first_name: user.firstName, last_name: user.lastName, locked: false, disabled: false }
    const made = (await this.#public('create_user', { target_user: target }, answers.user)).user
    return { userId: made.user_id, username: made.username }
  }
  async findUser(username: string) {
    const found = await ifThere(this.#public('get_user', { target_user: { username } }, answers.user))
    return found && found.user.username.toLowerCase() === username.toLowerCase() ? { userId: found.user.user_id, username: found.user.username } : null
  }
  async deleteUser(userId: string) {
    await ifThere(this.#public('delete_user', { target_user: { user_id: userId }, force: true }, answers.nothing))
  }
  async requestSession(wish: { userId: string; imageId: string }): Promise<KasmSession> {
    const body = { user_id: wish.userId, image_id: wish.imageId, enable_sharing: false, persistent_profile_mode: 'Enabled' }
    const made = await this.#public('request_kasm', body, answers.requested)
    if (made.user_id !== wish.userId) throw fail('The workspace server made a session for somebody else.', kasmCodes.badAnswer, false, true)
    return { kasmId: made.kasm_id, userId: made.user_id, imageId: wish.imageId, status: made.status }
  }
  async sessions(): Promise<KasmSession[]> {
    const { kasms } = await this.#public('get_kasms', {}, answers.sessions)
    return kasms.map((k) => ({ kasmId: k.kasm_id, userId: k.user_id, imageId: k.image_id ?? null, status: k.operational_status }))
  }
  async launchUrl(ref: SessionRef) {
    const answer = await this.#public('get_kasm_status', { kasm_id: ref.kasmId, user_id: ref.userId }, answers.status)
    if ((answer.operational_status ?? answer.kasm?.operational_status) !== 'running') throw fail('The workspace is not running.', kasmCodes.wrongState, true)
    return this.#link(answer.kasm_url)
  }
  async stop(ref: SessionRef) {
    await this.#power(this.#settings.stopPath, ref)
  }
  async resume(ref: SessionRef) {
    await this.#power(this.#settings.resumePath, ref)
  }
  async destroy(ref: SessionRef) {
    await ifThere(this.#public('destroy_kasm', { kasm_id: ref.kasmId, user_id: ref.userId }, answers.nothing))
  }
  async images() {
    const { images } = await this.#public('get_images', {}, answers.images)
    return images.map((i) => ({ imageId: i.image_id, name: i.friendly_name, cores: i.cores, memoryBytes: i.memory, available: i.available ?? true }))
  }

  async #power(path: string | null, ref: SessionRef): Promise<void> {
    if (path === null) throw fail('The workspace server does not offer this.', kasmCodes.notSupported, false)
    await this.#post(path, { kasm_id: ref.kasmId, user_id: ref.userId }, answers.nothing)
  }
  /** Kasm gives a path; it must stay on Kasm's own origin, whatever was answered. */
  #link(path: string): string {
    const link = new URL(path, this.connection.baseUrl)
    if (link.origin !== new URL(this.connection.baseUrl).origin) throw fail('The workspace server gave a link to another place.', kasmCodes.badAnswer, false)
    return link.href
  }
}

/** The answer, or null when the thing asked for is not there. */
async function ifThere<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof OutsideError && error.code === kasmCodes.notFound) return null
    throw error
  }
}
