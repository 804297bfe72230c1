/** Switches that make the simulated Kasm misbehave as real ones do. Each names the calls it hits and how often. */
import type { ServerResponse } from 'node:http'

export const faultModes = [
  /** The connection breaks before anything is done. */ 'down',
  /** The answer comes late (delayMs). */ 'slow',
  /** Nothing is done, nothing is answered. */ 'hang',
  /** 500, nothing done. */ 'error-500',
  /** 500, yet it was done. */ '500-then-created',
  /** Done, but no answer ever comes. */ 'timeout-after-success',
  /** The capacity refusal: HTTP 200 with an error_message. */ 'no-resources',
  /** Done, the body is cut in the middle. */ 'truncated-json',
  /** A proxy's page instead of an answer; nothing done. */ 'html',
  /** Done, but fields have other types than documented. */ 'wrong-types',
  /** A body larger than anybody wants. */ 'huge',
  /** An error text that is markup. */ 'markup-error',
  /** The key lacks the permission: 403. */ 'unauthorized',
  /** Another session's id is answered than the one made. */ 'wrong-id',
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

/** Faults that let the call be carried out before they spoil the answer. */
const acting = new Set<FaultMode>(['slow', '500-then-created', 'timeout-after-success', 'truncated-json', 'wrong-types', 'wrong-id'])
export const actsFirst = (mode: FaultMode): boolean => acting.has(mode)

/** The fault that hits this call, counted down. */
export function takeFault(faults: Fault[], call: string): Fault | undefined {
  const index = faults.findIndex((f) => !f.calls || f.calls.includes(call))
  const fault = faults[index]
  if (!fault) return undefined
  if (fault.times !== undefined && --fault.times <= 0) faults.splice(index, 1)
  return fault
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const mangle = (value: unknown): unknown => (Array.isArray(value) ? { '0': value.map(mangle) } : typeof value === 'object' && value ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mangle(v)])) : [value])
const otherIds = (value: Record<string, unknown>): unknown => ({ ...value, ...('kasm_id' in value ? { kasm_id: 'f'.repeat(32) } : {}) })

/** Answers as the fault demands. `answer` is what a healthy server would have said. */
export function spoil(res: ServerResponse, fault: Fault, answer: Record<string, unknown>): void {
  switch (fault.mode) {
    case 'down': res.destroy(); return
    case 'hang': case 'timeout-after-success': return
    case 'slow': setTimeout(() => sendJson(res, 200, answer), fault.delayMs ?? 1000).unref(); return
    case 'error-500': case '500-then-created': sendJson(res, 500, { error_message: 'An unexpected error occurred' }); return
    case 'no-resources': sendJson(res, 200, { error_message: 'No resources are available to create the requested Kasm' }); return
    case 'truncated-json': res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer).slice(0, -5)); return
    case 'html': res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Bad gateway</title><h1>502</h1>'); return
    case 'wrong-types': sendJson(res, 200, mangle(answer)); return
    case 'wrong-id': sendJson(res, 200, otherIds(answer)); return
    case 'huge': res.writeHead(200, { 'content-type': 'application/json' }).end(`{"kasms":"${'x'.repeat(6_000_000)}"}`); return
    case 'markup-error': sendJson(res, 200, { error_message: `<script>alert('kasm')</script>${' long'.repeat(400)}` }); return
    case 'unauthorized': sendJson(res, 403, { error_message: 'Unauthorized' }); return
  }
}
