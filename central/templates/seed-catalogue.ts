/** The catalogue of a fresh platform: what shops were seeded with. Safe to repeat: what staff has edited stays, and nothing comes back. */
import { centralDb } from '../../shared/database/central-database.js'
import { clock } from '../../shared/time/clock.js'
import { seededTemplates } from '../../tenant/kasm/templates/seed-templates.js'

export async function seedCatalogue(): Promise<void> {
  const now = clock.real()
  const rows = seededTemplates().map(({ key, name, description, workspaceType, icon, vcpuDefault, ramMbDefault, preinstalledApps, kasmTemplateId, sortOrder }) => ({
    central_key: key, name, description, workspace_type: workspaceType, icon, vcpu: vcpuDefault, ram_mb: ramMbDefault, preinstalled_apps: JSON.stringify(preinstalledApps),
    seed_image_id: kasmTemplateId, sort_order: sortOrder, status: 'active', created_at: now, updated_at: now,
  }))
  await centralDb()('workspace_templates').insert(rows).onConflict('central_key').ignore()
}
