/**
 * Files for browsers under /assets, from `public/` and a few packages. Their addresses carry a hash of their content,
 * so they are cached for a year and never stale. Stylesheets may say `@import "./part.css"` (joined) and `url("asset:fonts/x.woff2")`.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { Router, type Request, type Response } from 'express'

const root = path.resolve(import.meta.dirname, '../..')
const packaged: Record<string, string> = {
  'js/htmx.js': 'htmx.org/dist/htmx.min.js',
  'js/alpine.js': '@alpinejs/csp/dist/cdn.min.js',
  'js/chart-lib.js': 'chart.js/dist/chart.umd.min.js',
  'fonts/mono-400.woff2': '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2',
  'fonts/mono-500.woff2': '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-500-normal.woff2',
  ...Object.fromEntries([400, 500, 600, 700].map((w) => [`fonts/sans-${w}.woff2`, `@fontsource/plus-jakarta-sans/files/plus-jakarta-sans-latin-${w}-normal.woff2`])),
}
const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon',
  '.woff2': 'font/woff2', '.webmanifest': 'application/manifest+json',
}

interface Asset { body: Buffer; hash: string; type: string; stamp: string; packed: Map<string, Buffer> }
const assets = new Map<string, Asset>()
const nameShape = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*\.[a-z0-9]+$/

function fileOf(name: string): string {
  const from = packaged[name]
  return from ? path.join(root, 'node_modules', from) : path.join(root, 'public', name)
}

/** Contents of a stylesheet with its imports joined; `address` turns the name of an asset into a URL. */
function readStylesheet(name: string, address: (asset: string) => string): string {
  const source = readFileSync(fileOf(name), 'utf8')
  return source
    .replaceAll(/@import "\.\/([a-z0-9-]+\.css)";\n?/g, (_, part: string) => readStylesheet(path.posix.join(path.posix.dirname(name), part), address))
    .replaceAll(/url\("asset:([^"]+)"\)/g, (_, asset: string) => `url("${address(asset)}")`)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\n\s*/g, '\n').replaceAll(/\n+/g, '\n')
}

/** Newest change of the file and, for a stylesheet, of the folder's others: cheap enough to ask on each use outside production. */
function stampOf(name: string): string {
  const file = fileOf(name)
  const own = statSync(file).mtimeMs
  if (!name.endsWith('.css')) return String(own)
  const imported = [...readFileSync(file, 'utf8').matchAll(/@import "\.\/([a-z0-9-]+\.css)"/g)].map((m) => statSync(path.join(path.dirname(file), m[1]!)).mtimeMs)
  return [own, ...imported].join()
}

/** The asset, read again when its file changed. Throws when there is none. */
function load(name: string): Asset {
  if (!nameShape.test(name)) throw new Error(`asset ${name} does not exist`)
  const stamp = stampOf(name)
  const known = assets.get(name)
  if (known?.stamp === stamp) return known
  const body = name.endsWith('.css') ? Buffer.from(readStylesheet(name, assetUrl)) : readFileSync(fileOf(name))
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const asset = { body, hash, stamp, type: types[path.extname(name)] ?? 'application/octet-stream', packed: new Map<string, Buffer>() }
  assets.set(name, asset)
  urls.delete(name)
  return asset
}

const urls = new Map<string, { url: string; until: number }>()
/** `/assets/css/app.3f2a….css`. Throws when the file does not exist: a bug of ours. */
export function assetUrl(name: string): string {
  const known = urls.get(name)
  const now = Date.now()
  if (known && known.until > now) return known.url
  const url = `/assets/${name.replace(/(\.[a-z0-9]+)$/, `.${load(name).hash}$1`)}`
  urls.set(name, { url, until: now + 1000 })
  return url
}

/** A whole stylesheet for documents that may not use the network; fonts become data: addresses. */
export function inlineStylesheet(name: string): string {
  return readStylesheet(name, (asset) => `data:${load(asset).type};base64,${load(asset).body.toString('base64')}`)
}

function packedFor(asset: Asset, req: Request): [Buffer, string | null] {
  if (!/^(text|image\/svg|application\/manifest)/.test(asset.type) || asset.body.length < 1024) return [asset.body, null]
  const encoding = req.acceptsEncodings('br', 'gzip')
  if (encoding !== 'br' && encoding !== 'gzip') return [asset.body, null]
  let packed = asset.packed.get(encoding)
  if (!packed) asset.packed.set(encoding, packed = encoding === 'br' ? brotliCompressSync(asset.body) : gzipSync(asset.body, { level: 9 }))
  return [packed, encoding]
}

function serve(req: Request, res: Response): void {
  const [, name, hash, extension] = /^\/(.+)\.([0-9a-f]{12})(\.[a-z0-9]+)$/.exec(req.path) ?? []
  let asset: Asset
  try {
    asset = load(`${name}${extension}`)
  } catch {
    res.status(404).type('text/plain').set('Cache-Control', 'no-store').send('This file does not exist.')
    return
  }
  const [body, encoding] = packedFor(asset, req)
  if (encoding) res.set('Content-Encoding', encoding)
  res.set({ 'Content-Type': asset.type, 'Vary': 'Accept-Encoding', 'X-Content-Type-Options': 'nosniff', 'ETag': `"${asset.hash}${encoding ?? ''}"` })
  res.set('Cache-Control', hash === asset.hash ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (req.fresh) res.status(304).end()
  else res.end(req.method === 'HEAD' ? undefined : body)
}

/** Mount before sessions: `app.use('/assets', assetRoutes())`. Sets no cookie, knows no tenant. */
export function assetRoutes(): Router {
  const router = Router()
  router.get('/*path', serve)
  return router
}
