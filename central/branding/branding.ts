/** How a reseller's shop presents itself. Colours are validated here, contrast is guarded where the stylesheet is made. */
import { z } from 'zod'
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { NotFound } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { emailAddress, text } from '../../shared/http/form.js'
import { clock } from '../../shared/time/clock.js'
import { bumpDirectory } from '../directory.js'

const color = z.string().trim().toLowerCase().regex(/^#[0-9a-f]{6}$/, 'Enter a colour like #1d4ed8.')
export const brandingForm = z.object({
  companyName: text('The name', 120), primaryColor: color, secondaryColor: color, supportEmail: emailAddress, supportPhone: text('The phone number', 40).optional(),
  legalName: text('The legal name', 120), legalAddress: z.string().max(600, 'The address can have at most 600 characters.').default(''), taxId: text('The tax number', 32).optional(),
})
export type BrandingInput = z.infer<typeof brandingForm>

interface BrandingRow { company_name: string; primary_color: string; secondary_color: string; support_email: string; support_phone: string | null; legal_name: string; legal_address: string | string[]; tax_id: string | null }

export async function readBranding(tenantId: number): Promise<BrandingInput> {
  const row = (await centralDb()('tenant_branding').where({ tenant_id: tenantId }).first()) as BrandingRow | undefined
  if (!row) throw new NotFound('branding')
  const lines = typeof row.legal_address === 'string' ? (JSON.parse(row.legal_address) as string[]) : row.legal_address
  return {
    companyName: row.company_name, primaryColor: row.primary_color, secondaryColor: row.secondary_color, supportEmail: row.support_email, supportPhone: row.support_phone ?? undefined,
    legalName: row.legal_name, legalAddress: lines.join('\n'), taxId: row.tax_id ?? undefined,
  }
}

/** Saves and shows it at once: every process re-reads the brand within a second. */
export async function saveBranding(tenantId: number, input: BrandingInput): Promise<void> {
  const address = input.legalAddress.split(/\r?\n/).map((line) => line.trim()).filter(Boolean).slice(0, 8)
  await centralTransaction(async (trx) => {
    await trx('tenant_branding').where({ tenant_id: tenantId }).update({
      company_name: input.companyName, from_name: input.companyName, primary_color: input.primaryColor, secondary_color: input.secondaryColor, support_email: input.supportEmail,
      support_phone: input.supportPhone ?? null, legal_name: input.legalName, legal_address: JSON.stringify(address), tax_id: input.taxId ?? null, updated_at: clock.real(),
    })
    await bumpDirectory(trx)
    await record('branding.changed', { type: 'tenant', id: tenantId }, { primaryColor: input.primaryColor }, { tenantId })
  })
}
