/** What templates may call. Each is pure but for the frame it reads from `@root`: locale, timeZone, now, csrfToken, nonce, path. */
import Handlebars from 'handlebars'
import { assetUrl, inlineStylesheet } from './assets.js'
import { formatCount, formatDate, formatDuration, formatMoney, formatPlainAmount, formatRate, formatRelative, initials, type DateStyle, type MoneyLike, type RateLike } from './format.js'
import { iconSvg } from './icons.js'
import { safeUrl } from './safe-url.js'
import { statusFacts } from './status.js'
import { inkOn, parseColor, toHex } from './contrast.js'

interface FrameData { locale?: string; timeZone?: string; now?: Date; csrfToken?: string; nonce?: string; path?: string }
interface Options extends Handlebars.HelperOptions { hash: Record<string, unknown>; data: { root: FrameData } }

const escape = Handlebars.escapeExpression
const html = (text: string): Handlebars.SafeString => new Handlebars.SafeString(text)
const frame = (o: Options): FrameData => o.data.root
const localeOf = (o: Options): string => frame(o).locale ?? 'en-US'
const filled = (v: unknown): boolean => !Handlebars.Utils.isEmpty(v) || v === 0
const asDate = (v: unknown): Date | null => {
  if (v === null || v === undefined || v === '') return null
  const date = v instanceof Date ? v : new Date(v as string | number)
  return Number.isNaN(date.getTime()) ? null : date
}

/** `<time>` whose text is in the reader's zone and whose title is UTC. Empty for no date. */
function timeTag(value: unknown, text: (date: Date) => string): Handlebars.SafeString | string {
  const date = asDate(value)
  if (!date) return ''
  return html(`<time datetime="${date.toISOString()}" title="${escape(formatDate(date, 'UTC', 'en-GB', 'full'))}">${escape(text(date))}</time>`)
}
const dated = (style: DateStyle) => (value: unknown, o: Options) =>
  timeTag(value, (d) => formatDate(d, (o.hash['zone'] as string | undefined) ?? frame(o).timeZone, localeOf(o), (o.hash['style'] as DateStyle | undefined) ?? style))

const safeAttribute = /^(hx-(?!on)[a-z:0-9-]+|data-(?!hx-on)[a-z0-9-]+|aria-[a-z]+|x-(data|show|text|model|cloak|ref)|id|name|value|title|form|formaction|role|download|rel|tabindex|disabled|hidden|autofocus|min|max|step|pattern|maxlength|minlength|inputmode|list|placeholder|readonly|spellcheck|autocapitalize)$/

/** Attributes handed to a part as an object. Handlers, styles and `hx-on` are refused: the content policy would block them anyway. */
function attributes(given: unknown): Handlebars.SafeString {
  const pairs = Object.entries((given ?? {}) as Record<string, unknown>).filter(([, v]) => v !== false && v !== null && v !== undefined)
  return html(pairs.map(([name, value]) => {
    if (!safeAttribute.test(name)) throw new Error(`attribute ${name} is not allowed here`)
    return value === true ? ` ${name}` : ` ${name}="${escape(name === 'formaction' ? safeUrl(value) : String(value))}"`
  }).join(''))
}

/** Data for scripts: `{{json "chart-data" points}}`. `<` is escaped so that the text cannot end the element. */
function jsonBlock(id: unknown, value: unknown, o: Options): Handlebars.SafeString {
  const text = JSON.stringify(value ?? null).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return html(`<script type="application/json" id="${escape(String(id))}" nonce="${escape(frame(o).nonce ?? '')}">${text}</script>`)
}

/** aria-current of a menu entry: the page itself, or a page below it; `exact`: no page below it; `except`: a page below it that has an entry of its own. */
function current(href: unknown, o: Options): Handlebars.SafeString | string {
  const here = frame(o).path ?? ''
  const path = String(href)
  if (here === path) return html(' aria-current="page"')
  if (here === o.hash['except']) return ''
  return !o.hash['exact'] && path !== '/' && here.startsWith(`${path}/`) ? html(' aria-current="true"') : ''
}

const drop = (args: unknown[]): unknown[] => args.slice(0, -1)

export const helpers: Record<string, Handlebars.HelperDelegate> = {
  money: (m: MoneyLike | null | undefined, o: Options) => (m ? formatMoney(m.minor, m.currency, localeOf(o)) : ''),
  formatMoney: (minor: number | bigint, currency: string, locale: unknown, o?: Options) =>
    formatMoney(minor, currency, typeof locale === 'string' ? locale : localeOf((o ?? locale) as Options)),
  amount: (m: MoneyLike | null | undefined) => (m ? formatPlainAmount(Number(m.minor), m.currency) : ''),
  rate: (r: RateLike | null | undefined, o: Options) => (r ? formatRate(r, localeOf(o)) : ''),
  date: dated('date'),
  time: dated('time'),
  datetime: dated('datetime'),
  relative: (value: unknown, o: Options) => timeTag(value, (d) => formatRelative(d, frame(o).now ?? new Date(), localeOf(o))),
  iso: (value: unknown) => asDate(value)?.toISOString() ?? '',
  duration: (seconds: number) => formatDuration(Number(seconds) || 0),
  number: (n: number, o: Options) => (filled(n) ? new Intl.NumberFormat(localeOf(o)).format(n) : ''),
  plural: (n: number, one: string, many: unknown, o?: Options) => formatCount(Number(n), one, typeof many === 'string' ? many : undefined, localeOf((o ?? many) as Options)),
  initials: (name: unknown) => initials(String(name ?? '')),
  eq: (a: unknown, b: unknown) => a === b,
  and: (...args: unknown[]) => drop(args)[drop(args).findIndex((v) => !filled(v))] ?? (drop(args).every(filled) ? drop(args).at(-1) : false),
  or: (...args: unknown[]) => drop(args).find(filled) ?? drop(args).at(-1),
  /** Something in it: a list with entries, an object with fields, a text. */
  any: (v: unknown) => (v !== null && typeof v === 'object' && !(v instanceof Date) ? Object.keys(v).length > 0 : filled(v)),
  not: (v: unknown) => !filled(v),
  concat: (...args: unknown[]) => drop(args).map((v) => String(v ?? '')).join(''),
  list: (...args: unknown[]) => drop(args),
  object: (o: Options) => ({ ...o.hash }),
  statusOf: (state: unknown) => statusFacts(state),
  icon: (name: unknown, o: Options) => html(iconSvg(String(name), String(o.hash['class'] ?? ''))),
  asset: (name: unknown) => assetUrl(String(name)),
  stylesheet: (name: unknown) => html(inlineStylesheet(String(name))),
  safeUrl: (value: unknown) => safeUrl(value),
  inkOn: (value: unknown) => toHex(inkOn(parseColor(value) ?? parseColor('#1d4ed8')!)),
  /** A colour for the letter's stylesheet: validated, or the fallback. */
  color: (value: unknown, fallback: unknown) => { const c = parseColor(value); return c ? toHex(c) : String(fallback) },
  csrf: (o: Options) => html(`<input type="hidden" name="_csrf" value="${escape(frame(o).csrfToken ?? '')}">`),
  method: (verb: unknown) => (verb && verb !== 'post' && verb !== 'get' ? html(`<input type="hidden" name="_method" value="${escape(String(verb).toUpperCase())}">`) : ''),
  json: jsonBlock,
  attrs: attributes,
  current,
}
