/** Switches that make a simulated workspace server misbehave as real ones do: each names its calls and how often; `Chaos` spoils a part of all calls. */
import type { ServerResponse } from 'node:http'

export const faultModes = [
  /** The connection breaks before anything is done. */ 'down',
  /** The answer comes late (delayMs). */ 'slow',
  /** Nothing is done, nothing is answered. */ 'hang',
  /** 500, nothing done. */ 'error-500',
  /** 500, yet it was done. */ '500-then-created',
  /** Done, but no answer ever comes. */ 'timeout-after-success',
  /** Done, then the connection breaks. */ 'drop-after-success',
  /** The capacity refusal: HTTP 200 with an error_message (a gateway: 503). */ 'no-resources',
  /** Done, the body is cut in the middle. */ 'truncated-json',
  /** A proxy's page instead of an answer; nothing done. */ 'html',
  /** Nothing done, an empty body with HTTP 200. */ 'empty',
  /** Done, but fields have other types than documented. */ 'wrong-types',
  /** A body that does not end. */ 'huge',
  /** An error text that is markup. */ 'markup-error',
  /** The key lacks the permission: 403. */ 'unauthorized',
  /** Another session's id is answered than the one made. */ 'wrong-id',
  /** Done, but the answer speaks of another user. */ 'wrong-user',
  /** Done, but links lead to another host. */ 'hostile-link',
] as const
export type FaultMode = (typeof faultModes)[number]

export interface Fault {
  mode: FaultMode
  /** Names such as `request_kasm`; all calls when left out. */
  calls?: string[]
  /** How many calls it hits before it heals; for ever when left out. */
  times?: number
  /** For `slow`. */
  delayMs?: number
}
export interface Chaos {
  /** Of all calls, 0 to 100. */
  percent: number
  /** The same seed and the same calls fail the same way. */
  seed: number
  /** One of these, each as likely; the four of every bad day when left out. */
  modes?: FaultMode[]
}
const badDay: FaultMode[] = ['error-500', 'hang', 'wrong-types', 'drop-after-success']

/** Faults that let the call be carried out before they spoil the answer. */
const acting = new Set<FaultMode>([
  'slow', '500-then-created', 'timeout-after-success', 'drop-after-success', 'truncated-json', 'wrong-types', 'wrong-id', 'wrong-user', 'hostile-link',
])
export const actsFirst = (mode: FaultMode): boolean => acting.has(mode)

/** The fault that hits this call, counted down. */
export function takeFault(faults: Fault[], call: string): Fault | undefined {
  const index = faults.findIndex((f) => !f.calls || f.calls.includes(call))
  const fault = faults[index]
  if (!fault) return undefined
  if (fault.times !== undefined && --fault.times <= 0) faults.splice(index, 1)
  return fault
}

/** Numbers from 0 to 1 that a seed fixes (mulberry32). */
export function dice(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
export function chaosFault(chaos: Chaos, roll: () => number): Fault | undefined {
  if (roll() * 100 >= chaos.percent) return undefined
  const modes = chaos.modes ?? badDay
  return { mode: modes[Math.floor(roll() * modes.length)]! }
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

type Answer = Record<string, unknown>
function mangle(value: unknown): unknown {
  if (Array.isArray(value)) return { '0': value.map(mangle) }
  return typeof value === 'object' && value ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mangle(v)])) : [value]
}
/** The answer with these fields replaced, where it has them. */
const swap = (answer: Answer, fields: Answer): Answer =>
  ({ ...answer, ...Object.fromEntries(Object.entries(fields).filter(([key]) => key in answer)) })
const elsewhere = 'https://desktop.evil.example/#/connect'

function sendEndless(res: ServerResponse): void {
  const megabyte = 'x'.repeat(1_000_000)
  res.writeHead(200, { 'content-type': 'application/json' }).write('{"kasms":"')
  const more = (): void => {
    while (!res.destroyed && res.write(megabyte));
  }
  res.on('drain', more)
  more()
}

/** Answers as the fault demands. `answer` is what a healthy server would have said, `refuse` how this one says no. */
export function spoil(res: ServerResponse, fault: Fault, answer: Answer, refuse: (message: string, status: number) => void): void {
  switch (fault.mode) {
    case 'down': case 'drop-after-success': res.destroy(); return
    case 'hang': case 'timeout-after-success': return
    case 'slow': setTimeout(() => sendJson(res, 200, answer), fault.delayMs ?? 1000).unref(); return
    case 'error-500': case '500-then-created': sendJson(res, 500, { error_message: 'An unexpected error occurred' }); return
    case 'no-resources': refuse('No resources are available to create the requested Kasm', 503); return
    case 'truncated-json': res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer).slice(0, -5)); return
    case 'html': res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Bad gateway</title><h1>502</h1>'); return
    case 'empty': res.writeHead(200).end(); return
    case 'wrong-types': sendJson(res, 200, mangle(answer)); return
    case 'wrong-id': sendJson(res, 200, swap(answer, { kasm_id: 'f'.repeat(32), workspace_id: 'f'.repeat(32) })); return
    case 'wrong-user': sendJson(res, 200, swap(answer, { user_id: 'e'.repeat(32), username: 'somebody-else' })); return
    case 'hostile-link': sendJson(res, 200, swap(answer, { kasm_url: elsewhere, access_url: elsewhere })); return
    case 'huge': sendEndless(res); return
    case 'markup-error': refuse(`<script>alert('kasm')</script>${' long'.repeat(400)}`, 409); return
    case 'unauthorized': sendJson(res, 403, { error_message: 'Unauthorized' }); return
  }
}
