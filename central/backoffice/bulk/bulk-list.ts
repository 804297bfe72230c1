/** What a list must say of itself so that its rows can be acted on together (bulk-routes.ts). */
import type { Request } from 'express'
import type { z } from 'zod'
import { OutsideError, Refusal } from '../../../shared/errors.js'
import { log } from '../../../shared/log.js'
import type { Money } from '../../../shared/money/money.js'

export interface BulkField {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly type?: 'text' | 'date'
  readonly optional?: boolean
}

export interface BulkAct<T> {
  /** A question: `Pause dunning for these invoices?` */
  readonly title: string
  /** What it means for all of them, before anybody has agreed. */
  readonly text: string
  /** The button's verb: `Pause`. */
  readonly label: string
  /** What happens to one row: `Nothing happens until that day`; where it differs from row to row, a function. */
  readonly does: string | ((item: T) => string | Promise<string>)
  /** What became of one row: `Paused`. An act that ends in more than one way answers its own word. */
  readonly done: string
  readonly tone?: 'primary' | 'danger'
  /** What it asks for, and the schema by which that is read. */
  readonly fields?: readonly BulkField[]
  readonly shape?: z.ZodRawShape
  /** Whoever may only look, too: it changes nothing. */
  readonly lookersMay?: boolean
  /** Why this row is left alone; null when it may be done. Asked for the preview; the verb asks again. */
  refusal(item: T): string | null | Promise<string | null>
  /**
   * Does it. `key` is the same for each repetition of one confirmed form, and another for each row. May answer what became of the row: in a word, or as a
   * BulkEnd where that is no plain success.
   * Throws Refusal or OutsideError for what the reader is told; the other rows go on. `seen`: what `seen` said for the preview.
   */
  run(item: T, input: Readonly<Record<string, string | undefined>>, key: string, seen: string): Promise<unknown>
  /**
   * What the preview promises of this row, as letters and digits: an amount, a fingerprint. It comes back to `run` with the confirmed form, which does exactly that or
   * leaves the row alone.
   */
  seen?(item: T): string | Promise<string>
}

/** How a row ended that was worked on, but not with success alone: `Declined`. */
export class BulkEnd {
  constructor(readonly word: string, readonly tone: 'good' | 'wait' | 'warn' | 'bad') {}
}

/** `cells`: one for each head, as its kind wants it; null shows a dash. */
export interface BulkRow { readonly href: string; readonly name: string; readonly cells: ReadonlyArray<string | Money | Date | null> }
export interface BulkHead { readonly label: string; readonly kind?: 'text' | 'money' | 'date' | 'status' }

export interface BulkList<T> {
  /** Below the desk's base: `/dunning`. Acts lie at `/dunning/selection`. */
  readonly path: string
  /** The list's title. */
  readonly title: string
  /** One of them, and many, after a number: `invoice`, `invoices`. */
  readonly noun: string
  readonly nouns: string
  /** Columns of the preview after the name; `nameHead` stands over the name. */
  readonly nameHead: string
  readonly heads: readonly BulkHead[]
  readonly acts: Readonly<Record<string, BulkAct<T>>>
  /** This tenant's rows with these ids, in the order in which they are worked on. Ids of others are not found. */
  chosen(ids: readonly string[]): Promise<T[]>
  idOf(item: T): string
  /** In the order given; `base` begins links of the desk. */
  rows(items: readonly T[], base: string): Promise<BulkRow[]>
}

/** Rows in one go: more would keep a browser waiting. */
export const mostAtOnce = 200

/** Ticked boxes of a list: fields `pick_<id>`. */
export function picksOf(req: Request): string[] {
  return Object.keys((req.body ?? {}) as Record<string, unknown>).flatMap((name) => /^pick_([a-z0-9]{1,20})$/.exec(name)?.[1] ?? []).slice(0, mostAtOnce)
}

/** What the reader is told of a row that failed. What nobody expected is logged, and never hides what was done to the others. */
export function saidOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof OutsideError) return error.message
  log().error({ err: error }, 'One of several failed')
  return 'Something went wrong with this one. Look at its page, then try again.'
}
