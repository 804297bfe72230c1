/** Is this host name reachable from everywhere? What somebody typed must not lead our calls into our own network. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIPv4 } from 'node:net'

const [closed, closed6] = [new BlockList(), new BlockList()]
for (const [net, bits] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15],
  ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) closed.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [['::', 96], ['64:ff9b::', 96], ['2001::', 32], ['2002::', 16], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8], ['2001:db8::', 32]] as const) closed6.addSubnet(net, bits, 'ipv6')

/** Pure. An address that anybody in the internet may be sent to. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return isIPv4(bare) ? !closed.check(bare, 'ipv4') : !/^::ffff:/i.test(bare) && !closed6.check(bare, 'ipv6')
}

export type HostFinding = 'public' | 'private' | 'unknown'

/** `unknown`: the name resolves to nothing, or nobody could be asked. One closed address among several makes it `private`. */
export async function lookAtHost(host: string): Promise<HostFinding> {
  const found = await lookup(host, { all: true, verbatim: true }).catch(() => [])
  if (!found.length) return 'unknown'
  return found.every(({ address }) => isPublicAddress(address)) ? 'public' : 'private'
}
