/** A verb's rules speak of fields too: then the form comes back as it was filled in. */
import type { Request } from 'express'
import { FormErrors } from '../../shared/errors.js'
import { echo } from '../../shared/http/form.js'

/** FormErrors that carry no input get the body's. */
export async function keepingInput<T>(req: Request, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FormErrors) || Object.keys(error.input).length) throw error
    throw new FormErrors(error.fields, echo((req.body ?? {}) as Record<string, unknown>))
  }
}
