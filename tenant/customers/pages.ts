/** What the profile page shows. */
import type { Request, Response } from 'express'
import { page } from '../../shared/http/page.js'
import type { Customer } from './customer.js'
import { countryOptions, timeZoneOptions } from './places.js'

export function profilePage(req: Request, res: Response, customer: Customer, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number }): void {
  const { name, company, addressLine1, addressLine2, city, region, postcode, country, timeZone } = customer
  const shown = input ?? { name, company, addressLine1, addressLine2, city, region, postcode, country, timeZone }
  const data = { email: customer.email, verified: customer.isVerified, taxId: customer.taxId, input: shown, errors, countries: countryOptions(customer.locale), zones: timeZoneOptions() }
  page(req, res, 'tenant/account/profile', data, { title: 'Profile', status })
}
