import { z } from 'zod'
import { text } from '../../../shared/http/form.js'
import { isTemplateIcon } from '../../../tenant/kasm/templates/icons.js'

export const wordsForm = z.object({
  name: text('The name', 120).optional(), description: z.string().max(1000, 'The description can have at most 1,000 characters.').optional(), icon: z.string().refine(isTemplateIcon, 'Choose an icon of the list.').optional(),
})
export const moveForm = z.object({ way: z.enum(['up', 'down']) })
export const emptyForm = z.object({})
