/** The platform's own front page. */
import { Router } from 'express'
import { page } from '../../shared/http/page.js'

const reasons = [
  { icon: 'building-store', title: 'A shop of your own', text: 'Your host name, your colours, your prices. Customers see your brand on pages, letters and invoices.' },
  { icon: 'database', title: 'A database of your own', text: 'Each reseller has its own database and its own account on it. Nobody else’s customers are ever one mistake away.' },
  { icon: 'device-desktop', title: 'Workspaces by the hour', text: 'Developer and business desktops in the browser, metered in quarter hours, stopped with one click.' },
  { icon: 'receipt-2', title: 'One clear bill', text: 'You charge your customers; we send you one wholesale invoice a month with every line explained.' },
]
export const siteRoutes = Router()
siteRoutes.get('/', (req, res) => page(req, res, 'central/site/home', { reasons }, { title: 'Hosting under your own name' }))
