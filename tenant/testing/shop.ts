/** For tests of pages: a listening shop with the customer's routers, and a way to be signed in without the sign-in page. */
import { Router } from 'express'
import { createApp } from '../../shared/http/app.js'
import { signIn } from '../../shared/http/session.js'
import { useServer, type Browser } from '../../shared/testing/browser.js'
import { findUser } from '../customers/guard.js'
import { kasmRoutes } from '../kasm/routes.js'
import { orderRoutes } from '../ordering/routes.js'
import { serviceRoutes } from '../services/routes.js'

export function useShop(): { as(userId: number, host?: string): Promise<Browser>; guest(host?: string): Browser } {
  const shop = Router()
  shop.get('/test-sign-in/:id', async (req, res) => {
    await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
    res.send('in')
  })
  shop.use(findUser, serviceRoutes, kasmRoutes, orderRoutes)
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  return {
    guest: (host = 'acme.localhost') => server.browser(host),
    async as(userId, host = 'acme.localhost') {
      const browser = server.browser(host)
      await browser.get(`/test-sign-in/${userId}`)
      return browser
    },
  }
}
