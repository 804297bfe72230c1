/** "Test connection" of a gateway: each call is asked about a workspace that does not exist, which changes nothing. */
import { documentTypes } from './gateway-answers.js'
import type { ProbeReport } from './probe-report.js'
import { countOf, exists, judge, outcomeOf, problemIn, type Outcome } from './probe-lines.js'

type Ask = (method: 'GET' | 'POST', pathname: string, fields: Record<string, unknown>) => Promise<unknown>

const must = 'Workspaces cannot be sold without it.'
const nothing = { workspace_id: 'no-such-workspace' }
const noList = 'Without a list nobody can see what runs, find a workspace whose answer was lost, or bill by the quarter hour.'
const wanted = [
  { method: 'GET', call: 'list_workspaces', body: {}, without: noList },
  { method: 'GET', call: 'workspace_status', body: nothing, without: must },
  { method: 'POST', call: 'create_workspace', body: {}, without: must },
  { method: 'POST', call: 'destroy_workspace', body: nothing, without: must },
  { method: 'POST', call: 'stop_workspace', body: nothing, without: must },
  { method: 'POST', call: 'start_workspace', body: nothing, without: must },
] as const
const PAUSE = '/api/public/pause_workspace'

export async function probeGateway(ask: Ask): Promise<ProbeReport> {
  const outcomes: Outcome[] = []
  for (const { method, call, body } of wanted) {
    outcomes.push(await outcomeOf(() => ask(method, `/api/public/${call}`, body)))
    if (!outcomes[0]!.answered) break
  }
  const permissions = outcomes.map((outcome, n) => judge({ ...wanted[n]!, permission: wanted[n]!.call, needed: true }, outcome))
  const problem = problemIn(outcomes, permissions)
  const offered = (call: string): string | null => (permissions.find((p) => p.call === call)?.ok ? `/api/public/${call}` : null)
  const usable = problem === null || problem.code === 'missing-permissions'
  const pause = usable && exists(await outcomeOf(() => ask('POST', PAUSE, nothing))) ? PAUSE : null
  return {
    reachable: outcomes[0]!.answered, problem, latencyMs: outcomes.find((o) => o.answered)?.ms ?? null, version: null, permissions,
    power: { stop: offered('stop_workspace'), pause, resume: offered('start_workspace') },
    images: usable ? documentTypes.length : null, sessions: countOf(outcomes[0], 'workspaces'),
  }
}
