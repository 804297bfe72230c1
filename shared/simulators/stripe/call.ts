/** What every endpoint of the simulator gets. */
import type { Account } from './state.js'
import type { ApiList, ApiObject, Form } from './wire.js'

export type Emit = (type: string, object: ApiObject) => void
export interface Call {
  account: Account
  form: Form
  path: string
  /** Ids captured from the path. */
  ids: string[]
  /** Origin of this simulator, for the pages that a customer is sent to. */
  base: string
  emit: Emit
  /** Enforce the smallest charge of 50 minor units. */
  minimums: boolean
}
export type Endpoint = (call: Call) => ApiObject | ApiList
