/** What a change of template or size means, before it is made: price, size and whether it restarts. */
import { formatRate } from '../../../shared/views/format.js'
import type { Rate } from '../../../shared/money/rate.js'
import type { Customer } from '../../customers/customer.js'
import type { Service } from '../../services/service.js'
import { previewOfChange } from '../change-workspace.js'
import type { Workspace } from '../workspace.js'

export interface ChangePreviewPage {
  href: string; name: string
  rows: Array<{ label: string; from: string; to: string; same: boolean }>
  points: string[]
  refusal: string | null
}

export async function changePreview(service: Service, workspace: Workspace, choice: { planId: number; templateId: number }, customer: Customer): Promise<ChangePreviewPage> {
  const { refusal, restarts, template, plan, size, rate } = await previewOfChange(workspace, service, choice)
  const price = (r: Rate): string => formatRate(r, customer.locale)
  const room = (s: { vcpu: number; ramMb: number }): string => `${s.vcpu} vCPU · ${s.ramMb / 1024} GB RAM`
  const rows = [['Plan', plan.from, plan.to], ['Template', template.from, template.to], ['Size', room(size.from), room(size.to)], ['Price', price(rate.from), price(rate.to)]] as const
  return {
    href: `/services/${service.publicId}`, name: service.name, rows: rows.map(([label, from, to]) => ({ label, from, to, same: from === to })),
    points: [
      ...(restarts ? ['It runs now: it is stopped and started again, so save your work first. The run of now ends; the next one begins a new quarter hour at the new price.'] : ['The new price counts from the next start.']),
      'Your files stay. Programs you installed outside your own folder are those of the new template.',
    ],
    refusal: refusal?.message ?? null,
  }
}
