/** For tests of pages: a listening shop with every router of the customer's app, and a way to be signed in without the sign-in page. */
import { Router } from 'express'
import { createApp } from '../../shared/http/app.js'
import { signIn } from '../../shared/http/session.js'
import { useServer, type Browser } from '../../shared/testing/browser.js'
import { tenantApp } from '../app.js'

export function useShop(): { as(userId: number, host?: string): Promise<Browser>; guest(host?: string): Browser; signIn(browser: Browser, userId: number): Promise<void>; readonly port: number } {
  const shop = Router()
  shop.get('/test-sign-in/:id', async (req, res) => {
    await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
    res.send('in')
  })
  shop.use(tenantApp)
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  return {
    get port() { return server.port },
    guest: (host = 'acme.localhost') => server.browser(host),
    /** In the browser that was a guest so far. */
    async signIn(browser, userId) {
      await browser.get(`/test-sign-in/${userId}`)
    },
    async as(userId, host = 'acme.localhost') {
      const browser = server.browser(host)
      await browser.get(`/test-sign-in/${userId}`)
      return browser
    },
  }
}
