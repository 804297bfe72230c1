/** Icons that templates may use: names of @tabler/icons (outline), read once and written inline. Add a name here to use it. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const names = `
activity adjustments affiliate alert-circle alert-octagon alert-triangle api apps archive arrow-back-up arrow-down arrow-left arrow-narrow-right arrow-right arrow-up
arrows-exchange at award ban bell bolt book box brand-docker brand-ubuntu brand-windows browser brush bug building building-bank building-store bulb calendar calendar-due
calendar-event calendar-month calendar-time calculator cash chart-bar chart-line check checks chevron-down chevron-left chevron-right chevron-up circle-check circle-dot
circle-off circle-plus circle-x clipboard clipboard-check clock clock-hour-4 clock-off clock-play cloud code coin coins command compass copy cpu credit-card credit-card-off
crown dashboard database database-export details device-desktop device-desktop-analytics device-laptop device-mobile discount door-enter dots dots-vertical download edit
external-link eye eye-off file file-dollar file-invoice file-text file-type-pdf filter fingerprint flag folder gauge gift globe hash headset heart help-circle
history home hourglass id image-in-picture inbox info-circle key keyboard language layout-dashboard layout-grid lifebuoy link list list-check list-details loader-2 lock lock-open login
logout mail mail-check mail-forward mail-opened map-pin menu-2 message message-circle minus mood-empty moon network news note package palette paperclip password pencil percentage
phone photo pin player-pause player-play player-stop plug plug-connected plug-x plus point power printer question-mark receipt receipt-2 receipt-refund receipt-tax
refresh reload repeat report report-analytics report-money rocket rosette-discount-check rotate-clockwise ruler scale search select selector send server server-2 server-bolt
settings share shield shield-check shield-lock shield-x shopping-bag shopping-cart sitemap sparkles stack-2 star subtask sun switch-horizontal tag template terminal
terminal-2 tool tools trash trending-down trending-up trophy upload user user-check user-circle user-cog user-plus user-shield users users-group versions video wallet
wand webhook wifi wifi-off world world-www writing x zoom-check zoom-in
`.trim().split(/\s+/)

const folder = path.resolve(import.meta.dirname, '../../node_modules/@tabler/icons/icons/outline')
const shapes = new Map<string, string>()
for (const name of names) {
  const file = path.join(folder, `${name}.svg`)
  if (!existsSync(file)) throw new Error(`shared/views/icons.ts names "${name}", which @tabler/icons does not have`)
  const inner = readFileSync(file, 'utf8').replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')
  shapes.set(name, inner.replace(/<path stroke="none"[^>]*\/>/, '').replace(/\s*\n\s*/g, ''))
}

export const iconNames: readonly string[] = names

/** An inline SVG, hidden from screen readers (the word beside it speaks). Throws when the name is not on the list. */
export function iconSvg(name: string, extra = ''): string {
  const shape = shapes.get(name)
  if (shape === undefined) throw new Error(`Icon "${name}" is not on the list in shared/views/icons.ts`)
  const spin = name === 'loader-2' ? ' icon-spin' : ''
  const css = extra.replaceAll(/[^a-z0-9 -]/g, '')
  return `<svg class="icon${spin}${css ? ` ${css}` : ''}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${shape}</svg>`
}
