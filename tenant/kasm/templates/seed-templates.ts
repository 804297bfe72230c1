/** The templates every new shop starts with: each kind in the three sizes, because Kasm takes vCPU and RAM from the image. */
import { clock } from '../../../shared/time/clock.js'
import { Template } from './template.js'

const sizes = [{ key: 'basic', vcpu: 2, ramMb: 4096 }, { key: 'pro', vcpu: 4, ramMb: 8192 }, { key: 'enterprise', vcpu: 8, ramMb: 16384 }] as const
const kinds = [
  { type: 'developer', key: 'vscode', icon: 'code', name: 'Ubuntu 22.04 with VS Code', description: 'A ready editor with terminal, Git and the usual languages.', apps: ['VS Code', 'Git', 'Node.js', 'Python'] },
  { type: 'developer', key: 'jetbrains', icon: 'terminal-2', name: 'Ubuntu 22.04 with JetBrains IDEs', description: 'Full IDEs for Java, Kotlin, Python and web work.', apps: ['IntelliJ IDEA', 'PyCharm', 'WebStorm', 'Git'] },
  { type: 'developer', key: 'docker', icon: 'brand-docker', name: 'Debian 12 full stack with Docker', description: 'Containers, databases and command-line tools.', apps: ['Docker', 'PostgreSQL', 'Redis', 'VS Code'] },
  { type: 'business', key: 'office', icon: 'file-text', name: 'Ubuntu desktop with office suite', description: 'Documents, spreadsheets, mail and a browser.', apps: ['LibreOffice', 'Thunderbird', 'Firefox'] },
  { type: 'business', key: 'browser', icon: 'world', name: 'Secure browser', description: 'An isolated browser for sensitive work.', apps: ['Firefox', 'Chromium', 'PDF viewer'] },
  { type: 'business', key: 'windows', icon: 'brand-windows', name: 'Windows 11 Business', description: 'A Windows desktop with office apps.', apps: ['Edge', 'Office apps', 'Teams'] },
] as const

/** Id under which the Kasm server of a fresh installation knows the image: 16 letters as 32 hex digits. */
export const seededImageId = (kind: string, size: string): string => Buffer.from(`${kind}-${size}`.padEnd(16, '.').slice(0, 16)).toString('hex')

/** What a fresh installation knows; central curates the same rows under `key`. */
export const seededTemplates = () => kinds.flatMap((kind, k) => sizes.map((size, s) => ({
  key: `${kind.key}-${size.key}`, name: kind.name, description: kind.description, workspaceType: kind.type, icon: kind.icon, kasmTemplateId: seededImageId(kind.key, size.key),
  vcpuDefault: size.vcpu, ramMbDefault: size.ramMb, preinstalledApps: [...kind.apps], sortOrder: k * 10 + s,
})))

/** Adds what is missing; never changes what is there. Central's catalogue takes these rows over. Answers how many templates the shop has. */
export async function seedTemplates(): Promise<number> {
  const known = new Set((await Template.query().select('kasm_template_id')).map((t) => t.kasmTemplateId))
  const now = clock.now()
  for (const { name, description, workspaceType, icon, kasmTemplateId, vcpuDefault, ramMbDefault, preinstalledApps, sortOrder } of seededTemplates()) {
    const row = { name, description, workspaceType, icon, kasmTemplateId, vcpuDefault, ramMbDefault, preinstalledApps, sortOrder }
    if (!known.has(kasmTemplateId)) await Template.query().insert({ ...row, iconUrl: null, status: 'active', createdAt: now, updatedAt: now })
  }
  return Template.query().resultSize()
}
