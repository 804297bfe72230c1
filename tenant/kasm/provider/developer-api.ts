/**
 * KasmApi over the released developer API (1.19 and before): every call is `POST /api/public/<call>` with key and secret in the JSON body.
 * Errors come as `{"error_message"}`, often with HTTP 200, so the body is read before the status.
 * Stop, pause and resume are not in the published list; their paths are settings of the connection (null = not offered) that `probe` finds out.
 */
import { z } from 'zod'
import { callServer, callTimeout, linkWithin, noTimes, PROBE_TIMEOUT_MS, serverPath, type BeforeCall } from './call-server.js'
import { answers, sessionFrom } from './developer-answers.js'
import { probeDeveloper } from './developer-probe.js'
import {
  kasmCodes, type KasmAbilities, type KasmApi, type KasmServer, type KasmSession, type NewKasmUser, type NewSession, type SessionRef, type SessionWish,
} from './kasm-api.js'
import type { ProbeReport } from './probe-report.js'
import { fail, ifThere, notOffered } from './outside-words.js'

const path = serverPath.nullable()
const settingsSchema = z.object({
  stopPath: path.default('/api/stop_kasm'),
  pausePath: path.default('/api/pause_kasm'),
  resumePath: path.default('/api/resume_kasm'),
  timeoutMs: callTimeout,
})
const lists: ReadonlySet<string> = new Set(['/api/public/get_kasms', '/api/public/get_users'])

export class DeveloperApi implements KasmApi {
  readonly kind = 'developer'
  readonly can: KasmAbilities
  readonly #settings: z.infer<typeof settingsSchema>
  constructor(private readonly connection: KasmServer, private readonly beforeCall?: BeforeCall) {
    this.#settings = settingsSchema.parse(connection.settings)
    const { stopPath, pausePath, resumePath } = this.#settings
    const power = { stop: stopPath !== null, pause: pausePath !== null && resumePath !== null, resume: resumePath !== null }
    this.can = { users: true, groups: true, suspendUsers: true, keepalive: true, activity: true, ...power }
  }

  #post<T>(pathname: string, body: Record<string, unknown>, schema: z.ZodType<T>, timeoutMs = this.#settings.timeoutMs): Promise<T> {
    const { apiKey: api_key, apiKeySecret: api_key_secret } = this.connection.secrets
    return callServer(this.connection, { method: 'POST', pathname, body: { api_key, api_key_secret, ...body }, schema, timeoutMs, long: lists.has(pathname) }, this.beforeCall)
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
    return { kasmId: made.kasm_id, userId: made.user_id, username: made.username ?? null, imageId: wish.imageId, status: made.status, ...noTimes, credentials: null }
  }
  async sessions(): Promise<KasmSession[]> {
    return (await this.#public('get_kasms', {}, answers.sessions)).kasms.map(sessionFrom)
  }
  async launchUrl(ref: SessionRef) {
    const answer = await this.#public('get_kasm_status', { kasm_id: ref.kasmId, user_id: ref.userId }, answers.status)
    const status = answer.operational_status ?? answer.kasm?.operational_status
    if (status !== 'running') throw fail('The workspace is not running.', kasmCodes.wrongState, true)
    return linkWithin(answer.kasm_url, this.connection.baseUrl)
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
}
