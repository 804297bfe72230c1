/**
 * What a browser sent → what a route may use. One schema an action; nothing else gets in: unknown names, lists and objects where one
 * value belongs, and names that reach into prototypes are refused. Texts are trimmed and an empty text counts as not given.
 */
import type { Request } from 'express'
import { z } from 'zod'
import { FormErrors } from '../errors.js'
import { badRequest } from './http-error.js'

type Shape = z.ZodRawShape
const poison = new Set(['__proto__', 'constructor', 'prototype'])
/** Never sent back into a form. */
const secret = /password|secret|token|card/i

function plainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}

function tidy(body: Record<string, unknown>): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (poison.has(name)) throw badRequest()
    const trimmed = typeof value === 'string' && !secret.test(name) ? value.trim() : value
    if (trimmed !== '') clean[name] = trimmed
  }
  return clean
}

function sentence(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_type') return given === undefined ? 'Please fill this in.' : 'Please enter one value here.'
  return issue.message
}

/** By field; what belongs to no field stands under `form`. */
function faultsOf(error: z.ZodError, input: Record<string, unknown>): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') faults['form'] ??= `This form does not take: ${issue.keys.join(', ').slice(0, 100)}.`
    else faults[issue.path.length ? issue.path.join('.') : 'form'] ??= sentence(issue, input[String(issue.path[0])])
  }
  return faults
}

/** The form's input as it may be shown again: texts only, no secrets. */
export function echo(input: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(input).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && !secret.test(pair[0])))
}

/** The body by this schema; throws FormErrors with a sentence for each field. */
export function form<S extends Shape>(schema: z.ZodObject<S>, req: Request): z.infer<z.ZodObject<S>> {
  const body: unknown = req.body ?? {}
  if (!plainObject(body)) throw badRequest()
  const input = tidy(body)
  const result = schema.strict().safeParse(input)
  if (!result.success) throw new FormErrors(faultsOf(result.error, input), echo(input))
  return result.data as z.infer<z.ZodObject<S>>
}

/** The query by this schema. Repeated names and wrong values are 400; unknown names are ignored (links gather tracking tags). */
export function query<S extends Shape>(schema: z.ZodObject<S>, req: Request): z.infer<z.ZodObject<S>> {
  const given = req.query as Record<string, unknown>
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => name in schema.shape))
  if (Object.values(known).some((value) => typeof value !== 'string')) throw badRequest('A part of this address is given twice.')
  const result = schema.safeParse(tidy(known))
  if (!result.success) throw badRequest('A part of this address is not one we know.')
  return result.data as z.infer<z.ZodObject<S>>
}

// Controls, and the marks that turn text around: they make a name look like another.
const noControls = /^[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/
/** One line of text. `what` begins the sentence: `Name`. */
export const text = (what: string, max: number, min = 1) =>
  z.string().min(min, `${what} is too short.`).max(max, `${what} can have at most ${max} characters.`).regex(noControls, `${what} holds characters we cannot store.`)

/** A mail address in the form we store: lower case, one address, no list, no comment. */
export const emailAddress = z.string().max(254, 'This address is too long.').toLowerCase()
  .regex(/^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'Enter an address like name@example.com.')
