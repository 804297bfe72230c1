/**
 * "Test connection" of a Kasm server. Every call is asked in a way that cannot succeed (an id of zeros, no name): a permitted call answers that there
 * is no such thing, a forbidden one answers 403, a call that does not exist answers 404. Nothing at Kasm changes.
 */
import type { ProbeReport } from './probe-report.js'
import { countOf, exists, judge, outcomeOf, problemIn, type Outcome, type Wanted } from './probe-lines.js'

/** Asks one call; the body as it came, OutsideError otherwise. */
type Ask = (pathname: string, body: Record<string, unknown>) => Promise<unknown>
type Power = keyof ProbeReport['power']

const nobody = '0'.repeat(32)
const user = { target_user: { user_id: nobody } }
const session = { kasm_id: nobody, user_id: nobody }
const group = { target_group: { group_id: nobody } }
const must = 'Workspaces cannot be sold without it.'
const noGroups = 'Users are not put into a group for each shop.'
/** Permissions as the key's page in Kasm's administration names them. The three lists come first: they are counted too. */
const wanted: ReadonlyArray<Wanted & { body: Record<string, unknown> }> = [
  { call: 'get_images', permission: 'Images View', needed: true, body: {}, without: must },
  { call: 'get_kasms', permission: 'Sessions View', needed: true, body: {}, without: must },
  { call: 'get_user', permission: 'Users View', needed: true, body: user, without: must },
  { call: 'create_user', permission: 'Users Create', needed: true, body: { target_user: {} }, without: must },
  { call: 'delete_user', permission: 'Users Delete + Users Modify', needed: true, body: user, without: must },
  { call: 'request_kasm', permission: 'User + Users Auth Session', needed: true, body: { user_id: nobody, image_id: nobody }, without: must },
  { call: 'get_kasm_status', permission: 'User + Users Auth Session', needed: true, body: session, without: must },
  { call: 'destroy_kasm', permission: 'User + Users Auth Session', needed: true, body: session, without: must },
  { call: 'keepalive', permission: 'User + Users Auth Session', needed: false, body: { kasm_id: nobody }, without: 'Workspaces cannot be extended.' },
  { call: 'get_users', permission: 'Users View', needed: false, body: {}, without: 'Strangers among the users cannot be reported.' },
  { call: 'update_user', permission: 'Users Modify', needed: false, body: user, without: 'Users of suspended services are not disabled.' },
  { call: 'get_groups', permission: 'Groups View', needed: false, body: {}, without: noGroups },
  { call: 'create_group', permission: 'Groups Create', needed: false, body: { target_group: {} }, without: 'A shop’s group must be made by hand.' },
  { call: 'add_user_group', permission: 'Groups Modify', needed: false, body: { ...user, ...group }, without: noGroups },
]
const powers: ReadonlyArray<[Power, readonly string[]]> = [
  ['stop', ['/api/stop_kasm', '/api/public/stop_kasm']],
  ['pause', ['/api/pause_kasm', '/api/public/pause_kasm']],
  ['resume', ['/api/resume_kasm', '/api/public/resume_kasm']],
]

async function powerPaths(ask: Ask): Promise<ProbeReport['power']> {
  const found = { stop: null, pause: null, resume: null } as Record<Power, string | null>
  for (const [power, paths] of powers) {
    for (const pathname of paths) found[power] ??= exists(await outcomeOf(() => ask(pathname, session))) ? pathname : null
  }
  return found
}

/** A server that does not answer its first call is not asked further. */
export async function probeDeveloper(ask: Ask): Promise<ProbeReport> {
  const outcomes: Outcome[] = []
  for (const want of wanted) {
    outcomes.push(await outcomeOf(() => ask(`/api/public/${want.call}`, want.body)))
    if (!outcomes[0]!.answered) break
  }
  const permissions = outcomes.map((outcome, n) => judge(wanted[n]!, outcome))
  const reachable = outcomes[0]!.answered
  const problem = problemIn(outcomes, permissions)
  const asked = (call: string) => outcomes[wanted.findIndex((w) => w.call === call)]
  const usable = reachable && (problem === null || problem.code === 'missing-permissions')
  return {
    reachable, problem, latencyMs: outcomes.find((o) => o.answered)?.ms ?? null, version: null, permissions,
    power: usable ? await powerPaths(ask) : { stop: null, pause: null, resume: null },
    images: countOf(asked('get_images'), 'images'), sessions: countOf(asked('get_kasms'), 'kasms'),
  }
}
