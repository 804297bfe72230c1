/** Switches that make the simulated outside misbehave. Each is used up after `times` matching requests or events. */

export type RequestFault = {
  /** Only for this account; all accounts when absent. */
  account?: string
  method?: string
  /** Beginning of the path, e.g. `/v1/payment_intents`. */
  path?: string
  times?: number
} & (
  /** Acts, then never answers: the caller runs into its time limit. */
  | { kind: 'timeout-after' }
  /** Never acts, never answers. */
  | { kind: 'timeout-before' }
  /** Acts, stores 500 as the result, answers 500. */
  | { kind: 'error-after'; status?: number }
  /** Answers 500 (or `status`) without acting. */
  | { kind: 'error-before'; status?: number }
  | { kind: 'rate-limit'; retryAfter?: number }
  /** Acts, then answers after `ms`; meanwhile the idempotency key is in use. */
  | { kind: 'slow'; ms: number }
  /** 200 with a body that is not JSON. */
  | { kind: 'garbage' }
)

export interface EventFault {
  account?: string
  /** duplicate: three copies. reorder: held until the next event has gone. delay: after `ms`. drop: never sent. forge: a changed copy with a wrong signature goes first. */
  kind: 'duplicate' | 'reorder' | 'delay' | 'drop' | 'forge'
  /** Only events whose type begins so. */
  type?: string
  ms?: number
  times?: number
}

type Left<T> = T & { left: number }
const armed = <T extends { times?: number }>(fault: T): Left<T> => ({ ...fault, left: fault.times ?? 1 })

export class Faults {
  private requests: Array<Left<RequestFault>> = []
  private events: Array<Left<EventFault>> = []

  request(fault: RequestFault): void {
    this.requests.push(armed(fault))
  }
  event(fault: EventFault): void {
    this.events.push(armed(fault))
  }
  clear(): void {
    this.requests = []
    this.events = []
  }
  takeRequest(account: string, method: string, path: string): RequestFault | null {
    const fault = this.requests.find((f) => f.left > 0 && (f.account ?? account) === account && (f.method ?? method) === method && path.startsWith(f.path ?? ''))
    if (fault) fault.left -= 1
    return fault ?? null
  }
  takeEvent(account: string, event: { type?: unknown }): EventFault | null {
    const fault = this.events.find((f) => f.left > 0 && (f.account ?? account) === account && String(event.type).startsWith(f.type ?? ''))
    if (fault) fault.left -= 1
    return fault ?? null
  }
}
