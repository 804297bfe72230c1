#!/usr/bin/env node
// Rules of templates that the content policy and the engine cannot tell us early enough. Prints file:line: rule. Exit 1 when something is found.
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../views')

const rules = [
  { name: '{{{ is only for layouts', find: /\{\{\{|\{\{&/g, except: (file) => file.startsWith('layouts/') },
  { name: 'no inline style; use a class', find: /\sstyle\s*=/gi, markup: true },
  { name: 'no event attributes; use public/js/app.js', find: /\son[a-z]+\s*=/gi, markup: true },
  { name: 'no hx-on; the content policy blocks it', find: /\s(?:data-)?hx-on\b/gi },
  { name: 'no js: values; the content policy blocks them', find: /=\s*["'](?:js|javascript):/gi },
  { name: 'hx-trigger filters need eval; ask the server instead', find: /hx-trigger="[^"]*\w\[[^"]*"/gi },
  { name: 'a script needs nonce="{{@root.nonce}}"', find: /<script\b(?![^>]*\bnonce=)[^>]*>/gi },
  { name: 'a style element needs a nonce and belongs in a layout', find: /<style\b/gi, except: (file) => file.startsWith('layouts/') },
  { name: 'an address from data goes through safeUrl', find: /\s(?:href|src|action|formaction)="\{\{(?!safeUrl |asset |#|else|\/)[^}]*\}\}/gi },
  { name: 'a shop never names the platform', find: /EZSCALE/gi, only: (file) => file.startsWith('tenant/') || file.startsWith('layouts/tenant') },
]

/** Findings in one template: [line, rule]. */
export function lint(file, source) {
  const text = source.replaceAll(/\{\{!--[\s\S]*?--\}\}/g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
  const markup = text.replaceAll(/\{\{[\s\S]*?\}\}/g, (call) => call.replaceAll(/[^\n]/g, ' '))
  const found = []
  for (const rule of rules) {
    if (rule.except?.(file) || (rule.only && !rule.only(file))) continue
    for (const match of (rule.markup ? markup : text).matchAll(rule.find)) found.push([text.slice(0, match.index).split('\n').length, rule.name])
  }
  return found
}

if (import.meta.filename === realpathSync(process.argv[1] ?? '')) {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.hbs')).map((f) => f.replaceAll(path.sep, '/')).sort()
  let count = 0
  for (const file of files) {
    for (const [line, rule] of lint(file, readFileSync(path.join(root, file), 'utf8'))) {
      count++
      console.log(`views/${file}:${line}: ${rule}`)
    }
  }
  console.log(`${files.length} templates, ${count} ${count === 1 ? 'finding' : 'findings'}`)
  process.exit(count || !files.length ? 1 : 0)
}
