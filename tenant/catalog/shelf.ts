/** The shelves of a shop: one page for each type of service, in the order of the menu. */
import type { ServiceType } from './product.js'

export interface Shelf { readonly serviceType: ServiceType; readonly href: string; readonly title: string; /** Short, for the menu. */ readonly menu: string; readonly text: string }

export const allShelves: readonly Shelf[] = [
  { serviceType: 'kasm_workspace', href: '/workspaces/plans', title: 'Workspaces', menu: 'Workspaces', text: 'A full desktop in your browser, billed by the quarter hour.' },
  { serviceType: 'vps', href: '/vps', title: 'Virtual servers', menu: 'VPS', text: 'Servers of your own with root access, in minutes.' },
  { serviceType: 'game', href: '/game-servers', title: 'Game servers', menu: 'Games', text: 'A place to play for you and your friends.' },
  { serviceType: 'dedicated', href: '/dedicated', title: 'Dedicated servers', menu: 'Dedicated', text: 'Whole machines that you share with nobody.' },
  { serviceType: 'web_hosting', href: '/web-hosting', title: 'Web hosting', menu: 'Hosting', text: 'Room for your sites, mail and databases.' },
  { serviceType: 'other', href: '/other', title: 'More services', menu: 'More', text: 'What goes well with the rest.' },
]
export const shelfOf = (serviceType: ServiceType): Shelf => allShelves.find((s) => s.serviceType === serviceType)!
