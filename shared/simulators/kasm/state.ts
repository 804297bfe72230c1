/** What a simulated workspace server remembers: users, groups, images, sessions. Kept in a JSON file when it has one: a demo survives a restart. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** 32 hex digits, as Kasm names things. */
export const newKasmId = (): string => randomBytes(16).toString('hex')

export interface SimUser {
  user_id: string
  username: string
  password: string
  first_name: string
  last_name: string
  locked: boolean
  disabled: boolean
  groups: string[]
  created: string
}
export interface SimImage {
  image_id: string
  name: string
  friendly_name: string
  description: string
  cores: number
  memory: number
  enabled: boolean
  available: boolean
  image_src: string
  categories: string[]
}
export interface SimGroup {
  group_id: string
  name: string
  /** The lowest number wins where groups disagree. */
  priority: number
  /** What happens to its members' sessions when nobody kept them alive; the server's setting when left out. */
  keepalive_expiration_action?: ExpiryAction
  /** Its limit of hours is used up: keepalive moves nothing. */
  usage_reached?: boolean
}
export type ExpiryAction = 'delete' | 'pause' | 'stop'
export type SimStatus = 'starting' | 'running' | 'stopped' | 'paused' | 'deleting'
export interface SimSession {
  kasm_id: string
  user_id: string
  image_id: string
  status: SimStatus
  /** Only the newest token opens the desktop. */
  token: string
  persistent_profile_mode: string
  /** How often the session was looked at since it began to start (or to be deleted). */
  looks: number
  changed_at: number
  started_at: number
  /** The last moment somebody was connected. */
  active_at: number
  expires_at: number | null
  /** What a stop or pause that takes its time will make of it, and when. */
  becomes?: { status: 'stopped' | 'paused'; at: number } | undefined
}
export interface KasmState { users: SimUser[]; groups: SimGroup[]; images: SimImage[]; sessions: SimSession[] }

const gigabyte = 1024 ** 3
const sizes = { basic: { cores: 2, memory: 4 * gigabyte }, pro: { cores: 4, memory: 8 * gigabyte }, enterprise: { cores: 8, memory: 16 * gigabyte } }
/** Templates by use; the image of a plan is template × size. Ids are fixed, so that seeds may name them. */
export const simulatedTemplates = [
  { use: 'developer', key: 'vscode', name: 'Ubuntu 22.04 with VS Code', description: 'Editor, terminal, Git, Node, Python' },
  { use: 'developer', key: 'jetbrains', name: 'Ubuntu 22.04 with JetBrains IDEs', description: 'Java, Kotlin, Python and web IDEs' },
  { use: 'developer', key: 'docker', name: 'Debian 12 full stack with Docker', description: 'Docker, databases, command-line tools' },
  { use: 'business', key: 'office', name: 'Ubuntu desktop with office suite', description: 'Documents, spreadsheets, mail, browser' },
  { use: 'business', key: 'browser', name: 'Secure browser', description: 'An isolated browser for sensitive work' },
  { use: 'business', key: 'windows', name: 'Windows 11 Business', description: 'Windows desktop with office apps' },
] as const

/** Id of the image for a template and size: fixed, 32 hex digits. */
export function imageId(template: string, size: string): string {
  return Buffer.from(`${template}-${size}`.padEnd(16, '.').slice(0, 16)).toString('hex')
}

function makeImages(): SimImage[] {
  return simulatedTemplates.flatMap((t) => Object.entries(sizes).map(([size, spec]) => ({
    image_id: imageId(t.key, size), name: `registry.example/${t.key}:${size}`, friendly_name: `${t.name} (${size})`, description: t.description,
    cores: spec.cores, memory: spec.memory, enabled: true, available: true, image_src: `img/${t.key}.svg`, categories: [t.use],
  })))
}

const allUsers = (): SimGroup => ({ group_id: newKasmId(), name: 'All Users', priority: 1000 })
export const freshState = (): KasmState => ({ users: [], groups: [allUsers()], images: makeImages(), sessions: [] })

export function loadState(file: string | undefined): KasmState {
  if (!file || !existsSync(file)) return freshState()
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<KasmState>
  const sessions = (kept.sessions ?? []).map((s) => ({ ...s, active_at: s.active_at ?? s.changed_at }))  // written by an earlier version
  return { ...freshState(), ...kept, sessions, images: makeImages() }
}

/** Whole file at once, so a kill never leaves half of it. */
export function saveState(file: string | undefined, state: KasmState): void {
  if (!file) return
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
