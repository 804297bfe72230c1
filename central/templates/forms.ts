/** What the console's forms of templates send. */
import type { Request } from 'express'
import { z } from 'zod'
import { FormErrors } from '../../shared/errors.js'
import { form, text } from '../../shared/http/form.js'
import { isTemplateIcon } from '../../tenant/kasm/templates/icons.js'
import type { TemplateFacts } from './curate-template.js'

const paragraph = z.string().max(1000, 'The description can have at most 1,000 characters.').default('')
/** One a line, or with commas between; each once. */
const apps = z.string().max(2000).default('').transform((typed) => [...new Set(typed.split(/[\n\r,]+/).map((app) => app.trim()).filter(Boolean))])
  .refine((list) => list.length <= 20, 'Name at most 20 apps.').refine((list) => list.every((app) => app.length <= 60), 'The name of an app can have at most 60 characters.')

const fields = {
  name: text('The name', 120), description: paragraph, workspaceType: z.enum(['developer', 'business'], 'Choose who it is for.'), preinstalledApps: apps,
  icon: z.string('Choose an icon.').refine(isTemplateIcon, 'Choose an icon of the list.'),
}
export const newForm = z.object({ ...fields, image: z.string().regex(/^\d{1,18}$/) })
export const emptyForm = z.object({})
export const moveForm = z.object({ way: z.enum(['up', 'down']) })
export const lookForm = z.object({ connection: z.string().regex(/^\d{1,18}$/).optional() })

/** With one choice a server: `image_<connection>`, empty for none. */
export function readChange(req: Request, connectionIds: readonly number[]): { facts: TemplateFacts; images: Map<number, number | null> } {
  const choices = Object.fromEntries(connectionIds.map((id) => [`image_${id}`, z.string().regex(/^\d{1,18}$/).optional()]))
  const { name, description, workspaceType, preinstalledApps, icon, ...rest } = form(z.object({ ...fields, ...choices }), req)
  const chosen = rest as Record<string, string | undefined>
  return { facts: { name, description, workspaceType, preinstalledApps, icon }, images: new Map(connectionIds.map((id) => [id, chosen[`image_${id}`] === undefined ? null : Number(chosen[`image_${id}`])])) }
}

export function factsOfForm(req: Request): { facts: TemplateFacts; imageId: number } {
  const { image, ...facts } = form(newForm, req)
  const imageId = Number(image)
  if (!Number.isSafeInteger(imageId)) throw new FormErrors({ form: 'Choose an image first.' })
  return { facts, imageId }
}
