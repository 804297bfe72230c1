/** `/letters`: every letter with made-up data, in the brand of the host that is asked. Development only; mount with `app.use(letterPreviews())` where pages are made. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { NotFound } from '../errors.js'
import { page } from '../http/page.js'
import { allowOnPage } from '../http/security-headers.js'
import { compose } from './compose.js'
import { allLetters, scopeOf, type LetterKind } from './letter.js'
import { frameHeaders } from './untrusted-html.js'

const own = (req: Request): LetterKind[] => allLetters().filter((kind) => scopeOf(kind) === (req.site.tenant ? 'tenant' : 'central'))

function one(req: Request): LetterKind {
  const found = own(req).find((kind) => kind.name === req.params['name'])
  if (!found) throw new NotFound('letter')
  return found
}

function show(req: Request, res: Response): void {
  const kind = one(req)
  const { subject, text } = compose(kind, kind.preview())
  const as = ['text', 'phone'].includes(String(req.query['as'])) ? String(req.query['as']) : 'html'
  const tabs = [['html', 'Desktop'], ['phone', 'Phone'], ['text', 'Text']].map(([name, label]) => ({ label, href: `/letters/${kind.name}?as=${name}`, current: as === name }))
  allowOnPage(res, { 'frame-src': [req.site.origin] })
  page(req, res, 'mail-catcher/letter', { name: kind.name, view: kind.view, subject, tabs, frame: as === 'text' ? null : `/letters/${kind.name}/html`, width: as === 'phone' ? '390' : '100%', text }, { title: subject })
}

export function letterPreviews(): RequestHandler {
  const router = Router()
  router.get('/letters', (req, res) => {
    const letters = own(req).map((kind) => ({ name: kind.name, href: `/letters/${kind.name}`, view: kind.view, subject: compose(kind, kind.preview()).subject }))
    page(req, res, 'mail-catcher/letters', { letters }, { title: 'Letters' })
  })
  router.get('/letters/:name', show)
  router.get('/letters/:name/html', (req, res) => {
    const kind = one(req)
    res.set(frameHeaders).type('html').send(compose(kind, kind.preview()).html)
  })
  return router
}
