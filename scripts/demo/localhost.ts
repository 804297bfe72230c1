/** Names under .localhost are this machine (RFC 6761). Browsers know it; not every system's resolver does, and the simulated outside calls our hosts by name. */
import dns from 'node:dns'

type Lookup = typeof dns.lookup

export function resolveLocalhostNames(): void {
  const system = dns.lookup
  const lookup = ((name: string, ...rest: unknown[]) => {
    const ours = name === 'localhost' || name.endsWith('.localhost')
    return (system as (...args: unknown[]) => unknown)(ours ? '127.0.0.1' : name, ...rest)
  }) as Lookup
  Object.assign(dns, { lookup: Object.assign(lookup, { __promisify__: system.__promisify__ }) })
}
