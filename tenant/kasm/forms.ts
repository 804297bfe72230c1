/** What a customer may say on the pages of a workspace. */
import { z } from 'zod'
import { text } from '../../shared/http/form.js'
import { isTimeZone } from '../customers/places.js'

/** No field at all: a button. */
export const button = z.object({})
/** The name is typed to remove a workspace with its files. */
export const removal = z.object({ confirm: z.string().max(60).optional() })
export const nameForm = z.object({ name: text('The name', 60) })
export const extensionForm = z.object({ minutes: z.enum(['15', '30', '60', '120', '240'], 'Choose how long.').transform(Number) })

/** `plan:template`: looked at first (in the address), then sent. */
const choice = z.string().regex(/^[1-9]\d{0,15}:[1-9]\d{0,15}$/, 'Choose a template.')
export const changeQuery = z.object({ choice: choice.optional() })
export const changeForm = z.object({ choice })
export const choiceOf = (value: string): { planId: number; templateId: number } => {
  const [planId, templateId] = value.split(':').map(Number) as [number, number]
  return { planId, templateId }
}

export const autoStopForm = z.object({ idleMinutes: z.enum(['0', '30', '60', '120', '240', '480'], 'Choose a time.').transform(Number) })

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Enter a time such as 08:00.').optional()
const dayBox = z.literal('on').optional()
/** A box for each day, Monday first, because a browser sends one value a name. */
export const scheduleForm = z.object({
  day1: dayBox, day2: dayBox, day3: dayBox, day4: dayBox, day5: dayBox, day6: dayBox, day7: dayBox, start: clockTime, stop: clockTime, timeZone: z.string().refine(isTimeZone, 'Choose a time zone.'),
})
export type ScheduleInput = z.infer<typeof scheduleForm>
export const daysOf = (input: ScheduleInput): number[] => [1, 2, 3, 4, 5, 6, 7].filter((n) => input[`day${n}` as keyof ScheduleInput] === 'on')

/** Amounts in the customer's currency; an empty field takes that budget away. */
const amount = z.string().max(20, 'This is too long for an amount.').optional()
export const budgetForm = z.object({ limit: amount, limitAll: amount })

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/).refine((v) => !Number.isNaN(Date.parse(v)))
/** `by`: who or what ended a run; what we do not know means all of them. */
export const usageQuery = z.object({ by: z.string().max(20).optional(), month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/).optional(), from: day.optional(), to: day.optional() })
export const pageQuery = z.object({ page: z.string().regex(/^[1-9]\d{0,5}$/).optional() })
