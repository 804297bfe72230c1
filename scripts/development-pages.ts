/** Puts the pages of development (caught mail, previews of letters, the style guide) in front of an app. Never in production. */
import { Router, type RequestHandler } from 'express'
import { letterPreviews } from '../shared/mail/previews.js'
import { mailCatcher } from '../shared/simulators/mail-catcher.js'
import type { SmtpCatcher } from '../shared/simulators/smtp.js'
import { styleguideRoutes } from '../shared/views/styleguide.js'

export const withDevelopmentPages = (app: RequestHandler, mail: SmtpCatcher): Router => Router().use(mailCatcher(mail), letterPreviews(), styleguideRoutes(), app)
