/** A document on paper: in the shop's own brand, zone and paper size, without any address of a network. */
import { renderPdf } from '../../../../shared/pdf/render-pdf.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { renderView } from '../../../../shared/views/engine.js'

export type Paper = 'A4' | 'Letter'
/** Where people write on Letter. */
const letterRegions = new Set(['US', 'CA', 'MX', 'PH', 'CL', 'CO'])
export const paperOf = (locale: string): Paper => (letterRegions.has(new Intl.Locale(locale).region ?? '') ? 'Letter' : 'A4')

/** `view`: below tenant/, made for the layout `print`. */
export function documentHtml(view: string, data: object, title: string, paper = paperOf(currentTenant().locale)): string {
  const { brand, locale, timeZone } = currentTenant()
  return renderView(`tenant/${view}`, { ...data, layout: 'print', title, paper, locale, timeZone, now: clock.now(), brand: { name: brand.companyName, primaryColor: brand.primaryColor } })
}

/** Throws OutsideError (retryable) when the browser could not make it. */
export async function documentPdf(html: string, name: string, paper = paperOf(currentTenant().locale)): Promise<{ filename: string; content: Buffer }> {
  return { filename: documentName(name, 'pdf'), content: await renderPdf(html, { format: paper }) }
}

/** `INV/2026/1` → `INV-2026-1.pdf`: no part of a path. */
export const documentName = (name: string, ending: string): string => `${name.replace(/[^A-Za-z0-9._-]+/g, '-')}.${ending}`
