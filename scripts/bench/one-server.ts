/** All shops of a bench on one workspace server. */
import { directory } from '../../shared/tenancy/directory.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'

export function connect(baseUrl: string): void {
  const plugged = directory()
  if (!(plugged instanceof MemoryDirectory)) throw new Error('The bench has a directory of its own.')
  plugged.connected.length = 0
  plugged.connect({ id: 1, baseUrl, secrets: { apiKey: 'k', apiKeySecret: 's' }, settings: { timeoutMs: 30_000 } })
}
