/** Many workspaces stopped, and many set-ups tried again, in one go. */
import { Router } from 'express'
import { clock } from '../../../shared/time/clock.js'
import { KASM } from '../../../tenant/kasm/driver.js'
import { retryProvisioning } from '../../../tenant/kasm/retry-provisioning.js'
import { forceStopWorkspace } from '../../../tenant/kasm/stop-workspace.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { Service } from '../../../tenant/services/service.js'
import type { BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { reasonForm } from './forms.js'
import { rowsOf } from './rows.js'
import { chosenWorkspaces, type ChosenWorkspace } from './search.js'

const workspaces: BulkList<ChosenWorkspace> = {
  path: '/workspaces', title: 'Workspaces', noun: 'workspace', nouns: 'workspaces', nameHead: 'Workspace', heads: [{ label: 'Customer' }, { label: 'State', kind: 'status' }, { label: 'This run', kind: 'money' }],
  chosen: chosenWorkspaces, idOf: (workspace) => workspace.servicePublicId,
  rows: async (items, base) => (await rowsOf(items, clock.now())).map((row) => ({ href: `${base}/workspaces/${row.publicId}`, name: row.name, cells: [row.customer, row.status, row.cost] })),
  acts: {
    stop: {
      title: 'Stop these workspaces?', text: 'The meters stop at once; the desktops end within minutes. What was not saved in them is lost.', label: 'Stop', does: 'Is stopped', done: 'Stopped', tone: 'danger',
      fields: [{ name: 'reason', label: 'Reason', hint: 'Each customer gets a letter with it.' }], shape: reasonForm.shape,
      refusal: (workspace) => workspace.refusalToForceStop(clock.now())?.message ?? null,
      run: (workspace, input) => forceStopWorkspace(workspace, input['reason']!),
    },
  },
}

async function setUpRows(items: readonly Service[], base: string) {
  const people = new Map((await Customer.query().whereIn('id', items.map((s) => s.userId))).map((c) => [c.id, c.email]))
  return items.map((s) => ({ href: `${base}/workspaces/${s.publicId}`, name: s.name, cells: [people.get(s.userId) ?? '', s.failureReason] }))
}

const setUps: BulkList<Service> = {
  path: '/workspaces/failures', title: 'Failed set-ups', noun: 'workspace', nouns: 'workspaces', nameHead: 'Workspace', heads: [{ label: 'Customer' }, { label: 'Failed because' }],
  chosen: (ids) => Service.query().whereIn('publicId', [...ids]).where({ serviceType: KASM }).orderBy('id').then((found) => found), idOf: (service) => service.publicId, rows: setUpRows,
  acts: {
    retry: {
      title: 'Try to set these up again?', text: 'Each begins from the start. What the server made before is found again.', label: 'Set up', does: 'Is set up from the start', done: 'Being set up',
      refusal: (service) => service.refusalToRetry()?.message ?? null,
      run: (service) => retryProvisioning(service),
    },
  },
}

export const bulkRoutes = Router().use(routesOf(workspaces), routesOf(setUps))
