/** Platform plumbing behind a contract: leaves the caller's tenant, if any, and works as central. */
import { runAsPlatform, runInCentral } from './context.js'

export function asCentral<T>(fn: () => PromiseLike<T>): Promise<T> {
  return runAsPlatform(() => runInCentral(async () => await fn()))
}
