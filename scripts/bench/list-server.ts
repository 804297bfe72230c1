/** A process that answers one thing: the list of sessions, as a Kasm server with that many desktops says it. It counts how often it was asked. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serverId } from './workspace-tenants.js'

export interface ListOrder { readonly shops: ReadonlyArray<{ shop: number; first: number; count: number; slug: string }> }
export type ListNews = { port: number } | { asked: number }

const session = (shop: number, n: number, slug: string) => ({
  kasm_id: serverId('a', shop, n), user_id: serverId('b', shop, n), username: `${slug}-${n}`, image_id: 'c'.repeat(32), operational_status: 'running', start_date: '2027-01-15 09:00:00.000000',
  keepalive_date: '2027-01-15 09:00:00.000000', expiration_date: '2027-12-31 09:00:00.000000', cores: 2, memory: 4_294_967_296, hostname: 'agent-1', is_persistent_profile: true, persistent_profile_mode: 'Enabled', share_id: null,
  image: { image_id: 'c'.repeat(32), name: 'kasmweb/ubuntu-jammy-desktop:1.16.0', friendly_name: 'Ubuntu', image_src: 'img/thumbnails/ubuntu.png' }, port_map: { vnc: { port: 6901, path: 'desktop' }, audio: { port: 4901, path: 'audio' } },
  client_settings: { allow_kasm_uploads: true, allow_kasm_downloads: true, allow_kasm_clipboard_up: true, allow_kasm_clipboard_down: true, idle_disconnect: 20 },
})

process.once('message', ({ shops }: ListOrder) => {
  const kasms = shops.flatMap(({ shop, first, count, slug }) => Array.from({ length: count }, (_v, i) => session(shop, first + i, slug)))
  const body = Buffer.from(JSON.stringify({ current_time: '2027-01-15 09:00:00.000000', kasms }))
  let asked = 0
  const server = createServer((req, res) => {
    asked++
    req.resume().on('end', () => res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body))
  })
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port } satisfies ListNews))
  process.on('message', () => process.send!({ asked } satisfies ListNews))
  process.on('disconnect', () => process.exit(0))
})
