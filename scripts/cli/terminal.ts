/** Results go to stdout, everything else to stderr. Colour only for a terminal that wants it. */
import { createInterface } from 'node:readline/promises'
import { UsageError } from './exit-codes.js'

let colour = Boolean(process.stderr.isTTY)
/** NO_COLOR, TERM=dumb and --no-color turn colours off. */
export function useColour(wanted: boolean, env: Record<string, string | undefined>): void {
  colour = wanted && Boolean(process.stderr.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}
const paint = (code: number) => (text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)
export const [bold, dim, red, green, yellow] = [paint(1), paint(2), paint(31), paint(32), paint(33)]
export const animated = (): boolean => colour

/** `1 tenant`, `2 tenants`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** A line of the result. */
export const print = (text: string): void => void process.stdout.write(`${text}\n`)
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0))
/** A line for the person who watches. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Columns as wide as needed; numbers to the right. */
export function table(rows: ReadonlyArray<Record<string, unknown>>, columns: readonly string[]): string {
  const text = (v: unknown): string => (v === null || v === undefined ? '–' : String(v))
  const widths = columns.map((c) => Math.max(c.length, ...rows.map((r) => text(r[c]).length)))
  const line = (cell: (c: string) => unknown): string =>
    columns.map((c, i) => (typeof cell(c) === 'number' ? text(cell(c)).padStart(widths[i]!) : text(cell(c)).padEnd(widths[i]!))).join('  ').trimEnd()
  return [line((c) => c.toUpperCase()), ...rows.map((r) => line((c) => r[c]))].join('\n')
}

const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY)

/** Asks yes or no on a terminal; elsewhere --yes must have been given. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!canAsk()) throw new UsageError(`${question} Add --yes to say so without a terminal.`)
  const ask = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await ask.question(`${question} [y/N] `)
  ask.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was done.')
}

/** For what cannot be undone: the name must be typed, or given by --confirm=<name>. */
export async function confirmName(question: string, name: string, given: string | undefined): Promise<void> {
  if (given === name) return
  if (given !== undefined || !canAsk()) throw new UsageError(`${question} Add --confirm=${name} to say so.`)
  const ask = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await ask.question(`${question} Type ${name} to go on: `)
  ask.close()
  if (answer.trim() !== name) throw new UsageError('Nothing was done.')
}
