/**
 * KasmApi over the released developer API (1.19 and before): every call is `POST /api/public/<call>` with key and secret in the JSON body.
 * Errors come as `{"error_message"}`, often with HTTP 200, so the body is read before the status.
 * Stop, pause and resume are not in the published list; their paths are settings of the connection (null = not offered) that `probe` finds out.
 */
import { z } from 'zod'
import { assertOutsideAllowed, callOutside } from '../../../shared/outside/client.js'
import { releaseLease } from '../../../shared/database/tenant-database.js'
import { answers, sessionFrom } from './developer-answers.js'
import { probeDeveloper } from './developer-probe.js'
import {
  kasmCodes, type KasmAbilities, type KasmApi, type KasmServer, type KasmSession, type NewKasmUser, type NewSession,
  type ProbeReport, type SessionRef, type SessionWish,
} from './kasm-api.js'
import { errorIn, fail, ifThere, notOffered } from './outside-words.js'

/** A path of the server itself: two slashes, or a backslash, would lead to another host. */
const path = z.string().regex(/^\/(?![/\\])/).max(200).nullable()
const settingsSchema = z.object({
  stopPath: path.default('/api/stop_kasm'),
  pausePath: path.default('/api/pause_kasm'),
  resumePath: path.default('/api/resume_kasm'),
  timeoutMs: z.number().int().min(50).max(60_000).default(15_000),
})
const PROBE_TIMEOUT_MS = 5000
/** A list of all sessions of a large server is long; nothing else is. */
const LIST_BYTES = 32_000_000
const lists: ReadonlySet<string> = new Set(['/api/public/get_kasms', '/api/public/get_users'])

export class DeveloperApi implements KasmApi {
  readonly kind = 'developer'
  readonly can: KasmAbilities
  readonly #settings: z.infer<typeof settingsSchema>
  constructor(private readonly connection: KasmServer, private readonly beforeCall?: () => Promise<void>) {
    this.#settings = settingsSchema.parse(connection.settings)
    const { stopPath, pausePath, resumePath } = this.#settings
    const power = { stop: stopPath !== null, pause: pausePath !== null && resumePath !== null, resume: resumePath !== null }
    this.can = { users: true, groups: true, suspendUsers: true, keepalive: true, activity: true, ...power }
  }

  async #post<T>(pathname: string, body: Record<string, unknown>, schema: z.ZodType<T>, timeoutMs = this.#settings.timeoutMs): Promise<T> {
    assertOutsideAllowed('kasm')
    releaseLease()                                                  // nobody waits for our database connection while Kasm thinks
    await this.beforeCall?.()
    const { apiKey, apiKeySecret } = this.connection.secrets
    const answer = await callOutside({
      door: 'kasm', method: 'POST', url: new URL(pathname, this.connection.baseUrl).href, timeoutMs, publicOnly: this.connection.own === true,
      ...(lists.has(pathname) ? { maxBytes: LIST_BYTES } : {}),
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

  async createUser(user: NewKasmUser) {
    const { username, password, firstName: first_name, lastName: last_name } = user
    const target_user = { username, password, first_name, last_name, locked: false, disabled: false }
    const made = (await this.#public('create_user', { target_user }, answers.user)).user
    return { userId: made.user_id, username: made.username }
  }
  async findUser(username: string) {
    const found = await ifThere(this.#public('get_user', { target_user: { username } }, answers.user))
    if (found?.user.username.toLowerCase() !== username.toLowerCase()) return null
    return { userId: found.user.user_id, username: found.user.username }
  }
  async deleteUser(userId: string) {
    await ifThere(this.#public('delete_user', { target_user: { user_id: userId }, force: true }, answers.nothing))
  }
  async setUserEnabled(userId: string, enabled: boolean) {
    await this.#public('update_user', { target_user: { user_id: userId, disabled: !enabled } }, answers.nothing)
  }
  async joinGroup(userId: string, groupName: string) {
    const { groups } = await this.#public('get_groups', {}, answers.groups)
    const known = groups.find((g) => g.name === groupName)?.group_id
    const wish = { target_group: { name: groupName, priority: 50, description: '' } }
    const groupId = known ?? (await this.#public('create_group', wish, answers.group)).group.group_id
    await this.#public('add_user_group', { target_user: { user_id: userId }, target_group: { group_id: groupId } }, answers.nothing)
  }
  async users(prefix: string) {
    const { users } = await this.#public('get_users', {}, answers.users)
    return users.filter((u) => u.username.startsWith(prefix)).map((u) => ({ userId: u.user_id, username: u.username }))
  }
  async requestSession(wish: SessionWish): Promise<NewSession> {
    const body = { user_id: wish.userId, image_id: wish.imageId, enable_sharing: false, persistent_profile_mode: 'Enabled' }
    const made = await this.#public('request_kasm', body, answers.requested)
    if (made.user_id !== wish.userId) throw fail('The workspace server made a session for somebody else.', kasmCodes.badAnswer, false, true)
    const times = { startedAt: null, lastActiveAt: null, expiresAt: null }
    return { kasmId: made.kasm_id, userId: made.user_id, username: made.username ?? null, imageId: wish.imageId, status: made.status, ...times, credentials: null }
  }
  async sessions(): Promise<KasmSession[]> {
    return (await this.#public('get_kasms', {}, answers.sessions)).kasms.map(sessionFrom)
  }
  async launchUrl(ref: SessionRef) {
    const answer = await this.#public('get_kasm_status', { kasm_id: ref.kasmId, user_id: ref.userId }, answers.status)
    const status = answer.operational_status ?? answer.kasm?.operational_status
    if (status !== 'running') throw fail('The workspace is not running.', kasmCodes.wrongState, true)
    return this.#link(answer.kasm_url)
  }
  async stop(ref: SessionRef) {
    await this.#power(this.#settings.stopPath, ref)
  }
  async pause(ref: SessionRef) {
    await this.#power(this.can.pause ? this.#settings.pausePath : null, ref)
  }
  async resume(ref: SessionRef) {
    await this.#power(this.#settings.resumePath, ref)
  }
  async keepalive(ref: SessionRef) {
    const answer = await this.#public('keepalive', { kasm_id: ref.kasmId }, answers.keepalive)
    return { usageReached: answer.usage_reached }
  }
  async destroy(ref: SessionRef) {
    await ifThere(this.#public('destroy_kasm', { kasm_id: ref.kasmId, user_id: ref.userId }, answers.nothing))
  }
  async images() {
    const { images } = await this.#public('get_images', {}, answers.images)
    return images.map((i) => ({
      imageId: i.image_id, name: i.friendly_name, description: i.description ?? '', icon: i.image_src ?? null, categories: i.categories ?? [],
      cores: i.cores, memoryBytes: i.memory, available: (i.available ?? true) && (i.enabled ?? true),
    }))
  }
  probe(): Promise<ProbeReport> {
    const timeoutMs = Math.min(this.#settings.timeoutMs, PROBE_TIMEOUT_MS)
    return probeDeveloper((pathname, body) => this.#post(pathname, body, answers.nothing, timeoutMs))
  }

  async #power(pathname: string | null, ref: SessionRef): Promise<void> {
    if (pathname === null) throw notOffered()
    await this.#post(pathname, { kasm_id: ref.kasmId, user_id: ref.userId }, answers.nothing)
  }
  /** Kasm gives a path; it must stay on Kasm's own origin, whatever was answered. */
  #link(pathname: string): string {
    const link = URL.parse(pathname, this.connection.baseUrl)
    const home = new URL(this.connection.baseUrl).origin
    if (link?.origin !== home) throw fail('The workspace server gave a link to another place.', kasmCodes.badAnswer, false)
    return link.href
  }
}
