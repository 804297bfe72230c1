/** `/mail`: what the demo has sent. On a shop's host only that shop's letters. Development only; mount with `app.use(mailCatcher(catcher))` where pages are made. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { NotFound } from '../errors.js'
import { page } from '../http/page.js'
import { allowOnPage } from '../http/security-headers.js'
import { fileHeaders, frameHeaders } from '../mail/untrusted-html.js'
import type { CaughtMail, SmtpCatcher } from './smtp.js'

function visible(catcher: SmtpCatcher, req: Request): CaughtMail[] {
  const tenant = req.site.tenant
  const own = tenant ? [tenant.primaryHost, tenant.brand.fromEmail ?? '@'] : []
  return catcher.mails.filter((mail) => !tenant || own.some((part) => mail.from.includes(`@${part}>`) || mail.from.includes(`<${part}>`))).reverse()
}

function one(catcher: SmtpCatcher, req: Request): CaughtMail {
  const found = visible(catcher, req).find((mail) => String(mail.id) === req.params['id'])
  if (!found) throw new NotFound('letter')
  return found
}

const summary = (mail: CaughtMail) => ({ id: mail.id, href: `/mail/${mail.id}`, subject: mail.subject || '(no subject)', from: mail.from, to: mail.to, receivedAt: mail.receivedAt, attachmentCount: mail.attachments.length })

function show(catcher: SmtpCatcher, req: Request, res: Response): void {
  const mail = one(catcher, req)
  const as = ['text', 'raw'].includes(String(req.query['as'])) ? String(req.query['as']) : 'html'
  const tabs = [['html', 'Letter'], ['text', 'Text'], ['raw', 'Raw']].map(([name, label]) => ({ label, href: `/mail/${mail.id}?as=${name}`, current: as === name }))
  const attachments = mail.attachments.map((a, n) => ({ name: a.filename, size: `${Math.ceil(a.content.length / 1024)} KB`, href: `/mail/${mail.id}/attachments/${n}` }))
  const facts = [{ label: 'From', value: mail.from }, { label: 'To', value: mail.to }, { label: 'Reply to', value: mail.replyTo }, { label: 'Received', at: mail.receivedAt }]
  allowOnPage(res, { 'frame-src': [req.site.origin] })
  page(req, res, 'mail-catcher/show', { mail: summary(mail), facts, tabs, attachments, frame: as === 'html' && mail.html ? `/mail/${mail.id}/html` : null, text: as === 'raw' ? mail.raw : mail.text }, { title: mail.subject || 'Letter' })
}

export function mailCatcher(catcher: SmtpCatcher): RequestHandler {
  const router = Router()
  router.get('/mail', (req, res) => page(req, res, 'mail-catcher/list', { mails: visible(catcher, req).map(summary) }, { title: 'Caught mail' }))
  router.get('/mail.json', (req, res) => void res.json(visible(catcher, req).map(({ attachments, raw: _raw, ...mail }) => ({ ...mail, attachments: attachments.map((a) => ({ filename: a.filename, contentType: a.contentType, bytes: a.content.length })) }))))
  router.get('/mail/:id', (req, res) => show(catcher, req, res))
  router.get('/mail/:id/html', (req, res) => void res.set(frameHeaders).type('html').send(one(catcher, req).html))
  router.get('/mail/:id/attachments/:n', (req, res) => {
    const attachment = one(catcher, req).attachments[Number(req.params['n'])]
    if (!attachment) throw new NotFound('attachment')
    const pdf = attachment.contentType === 'application/pdf'
    res.set(fileHeaders).type(pdf ? 'application/pdf' : 'application/octet-stream').set('Content-Disposition', `${pdf ? 'inline' : 'attachment'}; filename="${encodeURIComponent(attachment.filename)}"`).send(attachment.content)
  })
  return router
}
