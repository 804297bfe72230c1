/**
 * KasmApi over the gateway of the user's document: `create_workspace`, `destroy_workspace`, `workspace_status` (GET), `start_workspace`,
 * `stop_workspace` under `/api/public/`, key and secret in the headers X-API-Key and X-API-Secret.
 *
 * What the document leaves open, and what we decided (see README.md):
 * - It has no list. Without one nobody can poll, find a session whose answer was lost, or tell strangers, so a gateway must offer `list_workspaces`
 *   (GET; `{workspaces: [{workspace_id, user_id, workspace_type, status, …}]}`). Without it `sessions()` is `not-supported` and the probe says why.
 * - It has no users. The `user_id` we send is our user name; our own id of a user is made of it, the same for ever, and making a user asks nobody.
 * - Files belong to the gateway's user: a workspace made later for the same user finds them again.
 * - `access_url` comes with create_workspace only and would have to be stored. We never store it: `workspace_status` may tell a fresh one,
 *   and without that the link is made from the connection's `accessPath`.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { callServer, callTimeout, linkWithin, noTimes, PROBE_TIMEOUT_MS, serverPath, type BeforeCall } from './call-server.js'
import { documentTypes, gatewayAnswers as answers } from './gateway-answers.js'
import { probeGateway } from './gateway-probe.js'
import {
  kasmCodes, type KasmAbilities, type KasmApi, type KasmServer, type KasmSession, type NewKasmUser, type NewSession, type SessionRef, type SessionWish,
} from './kasm-api.js'
import type { ProbeReport } from './probe-report.js'
import { fail, ifThere, notOffered } from './outside-words.js'

const settingsSchema = z.object({
  /** Null: this gateway pauses nothing. */
  pausePath: serverPath.nullable().default(null),
  /** The page of a workspace when workspace_status tells no `access_url`; `{workspace_id}` is filled in. */
  accessPath: serverPath.default('/workspace/{workspace_id}'),
  /** Another host than the API's on which desktops open. */
  accessOrigin: z.url().nullable().default(null),
  /** Seconds after which the gateway ends a workspace; null: never. */
  sessionSeconds: z.number().int().min(60).nullable().default(null),
  /** Its list tells `last_active_at`: idle workspaces can be found. */
  tellsActivity: z.boolean().default(false),
  timeoutMs: callTimeout,
})
const LIST = '/api/public/list_workspaces'

type Method = 'GET' | 'POST'

/** Our id of a gateway's user: 32 hex digits of its name, so that a name of any length fits our column. */
export const gatewayUserId = (username: string): string => createHash('sha256').update(username.toLowerCase()).digest('hex').slice(0, 32)

export class GatewayApi implements KasmApi {
  readonly kind = 'gateway'
  readonly can: KasmAbilities
  readonly #settings: z.infer<typeof settingsSchema>
  constructor(private readonly connection: KasmServer, private readonly beforeCall?: BeforeCall) {
    this.#settings = settingsSchema.parse(connection.settings)
    const { pausePath, tellsActivity } = this.#settings
    const people = { users: false, groups: false, suspendUsers: false }
    this.can = { ...people, stop: true, pause: pausePath !== null, resume: true, keepalive: false, activity: tellsActivity }
  }

  #call<T>(method: Method, pathname: string, fields: Record<string, unknown>, schema: z.ZodType<T>, timeoutMs = this.#settings.timeoutMs): Promise<T> {
    const { apiKey, apiKeySecret } = this.connection.secrets
    const headers = { 'x-api-key': apiKey ?? '', 'x-api-secret': apiKeySecret ?? '' }
    const given = method === 'GET' ? { query: fields } : { body: fields }
    return callServer(this.connection, { method, pathname, headers, schema, timeoutMs, long: pathname === LIST, ...given }, this.beforeCall)
  }
  #post<T>(call: string, fields: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    return this.#call('POST', `/api/public/${call}`, fields, schema)
  }

  async createUser(user: NewKasmUser) {
    return { userId: gatewayUserId(user.username), username: user.username }
  }
  async findUser(username: string) {
    return { userId: gatewayUserId(username), username }
  }
  /** A gateway knows no users: what is left of their workspaces is removed. */
  async deleteUser(userId: string) {
    for (const session of await this.sessions()) if (session.userId === userId && session.status !== 'deleting') await this.destroy(session)
  }
  async setUserEnabled(): Promise<void> {
    throw notOffered()
  }
  async joinGroup(): Promise<void> {
    throw notOffered()
  }
  async users(prefix: string) {
    const names = new Set((await this.sessions()).map((s) => s.username).filter((name): name is string => name !== null && name.startsWith(prefix)))
    return [...names].map((username) => ({ userId: gatewayUserId(username), username }))
  }
  async requestSession(wish: SessionWish): Promise<NewSession> {
    if (!wish.username) throw fail('A gateway goes by user names: none was given.', 'refused', false)
    const type = wish.workspaceType ?? wish.imageId
    const { sessionSeconds } = this.#settings
    const template = type === wish.imageId ? {} : { template: wish.imageId }
    const fields = { workspace_type: type, user_id: wish.username, ...template, ...(sessionSeconds === null ? {} : { session_duration: sessionSeconds }) }
    const made = await this.#post('create_workspace', fields, answers.made)
    const credentials = made.username && made.password ? { username: made.username, password: made.password } : null
    return { kasmId: made.workspace_id, userId: wish.userId, username: wish.username, imageId: wish.imageId, status: made.status, ...noTimes, credentials }
  }
  async sessions(): Promise<KasmSession[]> {
    const { workspaces } = await this.#call('GET', LIST, {}, answers.list)
    return workspaces.map((w) => ({
      kasmId: w.workspace_id, userId: gatewayUserId(w.user_id), username: w.user_id, imageId: w.template ?? w.workspace_type ?? null,
      status: w.status, startedAt: w.started_at, lastActiveAt: w.last_active_at, expiresAt: w.expires_at,
    }))
  }
  async launchUrl(ref: SessionRef) {
    const answer = await this.#call('GET', '/api/public/workspace_status', { workspace_id: ref.kasmId }, answers.status)
    if (answer.status !== 'running') throw fail('The workspace is not running.', kasmCodes.wrongState, true)
    const { accessOrigin, accessPath } = this.#settings
    const link = answer.access_url ?? accessPath.replaceAll('{workspace_id}', encodeURIComponent(ref.kasmId))
    return linkWithin(link, accessOrigin ?? this.connection.baseUrl, this.connection.baseUrl)
  }
  async stop(ref: SessionRef) {
    await this.#post('stop_workspace', { workspace_id: ref.kasmId }, answers.nothing)
  }
  async pause(ref: SessionRef) {
    if (this.#settings.pausePath === null) throw notOffered()
    await this.#call('POST', this.#settings.pausePath, { workspace_id: ref.kasmId }, answers.nothing)
  }
  async resume(ref: SessionRef) {
    await this.#post('start_workspace', { workspace_id: ref.kasmId }, answers.nothing)
  }
  async keepalive(): Promise<{ usageReached: boolean }> {
    throw notOffered()
  }
  async destroy(ref: SessionRef) {
    await ifThere(this.#post('destroy_workspace', { workspace_id: ref.kasmId }, answers.nothing))
  }
  /** The document's six types stand for images; a gateway makes them itself. */
  async images() {
    return documentTypes.map((t) => ({ ...t, description: '', icon: null, categories: [t.imageId.split('_')[0]!], available: true }))
  }
  probe(): Promise<ProbeReport> {
    const timeoutMs = Math.min(this.#settings.timeoutMs, PROBE_TIMEOUT_MS)
    return probeGateway((method, pathname, fields) => this.#call(method, pathname, fields, answers.nothing, timeoutMs))
  }
}
