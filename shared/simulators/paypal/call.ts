/** What every endpoint of the simulator gets. */
import type { Account, Kept } from './state.js'
import type { Json } from './wire.js'

export type Emit = (type: string, resourceType: string, resource: Json) => void
export interface Call {
  account: Account
  body: Json
  /** As it came: the event to verify must not be written anew. */
  rawBody: string
  query: URLSearchParams
  /** Ids captured from the path. */
  ids: string[]
  /** Origin of this simulator, for the pages that a customer is sent to. */
  base: string
  emit: Emit
}
export interface Reply {
  status: number
  body: Kept | Json | null
  /** `Prefer: return=minimal` leaves id, status and links only. */
  whole?: boolean
}
export type Endpoint = (call: Call) => Reply
