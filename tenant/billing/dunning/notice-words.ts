/** A letter's words filled in, and made-up values to show them with. */
import { fill, paragraphsOf, type Variable, type Words } from './words.js'

export const exampleValues: Readonly<Record<Variable, string>> = {
  name: 'Ada', number: 'INV-2026-00042', amount: '$47.35', due_date: 'Nov 1, 2026', days_overdue: '7', services: 'api-box', suspend_date: 'Nov 11, 2026', terminate_date: 'Dec 1, 2026', shop_name: 'Example shop',
}

export const wordsFor = (words: Words, values: Readonly<Record<Variable, string>>) => ({ subject: fill(words.subject, values), paragraphs: paragraphsOf(fill(words.body, values)) })
