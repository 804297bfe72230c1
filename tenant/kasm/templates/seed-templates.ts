/** The templates every new shop starts with: each kind in the three sizes, because Kasm takes vCPU and RAM from the image. */
import { clock } from '../../../shared/time/clock.js'
import { Template } from './template.js'

const sizes = [{ key: 'basic', vcpu: 2, ramMb: 4096 }, { key: 'pro', vcpu: 4, ramMb: 8192 }, { key: 'enterprise', vcpu: 8, ramMb: 16384 }] as const
const kinds = [
  { type: 'developer', key: 'vscode', name: 'Ubuntu 22.04 with VS Code', description: 'A ready editor with terminal, Git and the usual languages.', apps: ['VS Code', 'Git', 'Node.js', 'Python'] },
  { type: 'developer', key: 'jetbrains', name: 'Ubuntu 22.04 with JetBrains IDEs', description: 'Full IDEs for Java, Kotlin, Python and web work.', apps: ['IntelliJ IDEA', 'PyCharm', 'WebStorm', 'Git'] },
  { type: 'developer', key: 'docker', name: 'Debian 12 full stack with Docker', description: 'Containers, databases and command-line tools.', apps: ['Docker', 'PostgreSQL', 'Redis', 'VS Code'] },
  { type: 'business', key: 'office', name: 'Ubuntu desktop with office suite', description: 'Documents, spreadsheets, mail and a browser.', apps: ['LibreOffice', 'Thunderbird', 'Firefox'] },
  { type: 'business', key: 'browser', name: 'Secure browser', description: 'An isolated browser for sensitive work.', apps: ['Firefox', 'Chromium', 'PDF viewer'] },
  { type: 'business', key: 'windows', name: 'Windows 11 Business', description: 'A Windows desktop with office apps.', apps: ['Edge', 'Office apps', 'Teams'] },
] as const

/** Id under which the Kasm server of a fresh installation knows the image: 16 letters as 32 hex digits. */
export const seededImageId = (kind: string, size: string): string => Buffer.from(`${kind}-${size}`.padEnd(16, '.').slice(0, 16)).toString('hex')

/** Adds what is missing; never changes what staff has edited. Answers how many templates the shop has. */
export async function seedTemplates(): Promise<number> {
  const known = new Set((await Template.query().select('kasm_template_id')).map((t) => t.kasmTemplateId))
  const now = clock.now()
  const rows = kinds.flatMap((kind, k) => sizes.map((size, s) => ({
    name: kind.name, description: kind.description, workspaceType: kind.type, kasmTemplateId: seededImageId(kind.key, size.key), iconUrl: null,
    vcpuDefault: size.vcpu, ramMbDefault: size.ramMb, preinstalledApps: [...kind.apps], status: 'active' as const, sortOrder: k * 10 + s, createdAt: now, updatedAt: now,
  })))
  for (const row of rows) if (!known.has(row.kasmTemplateId)) await Template.query().insert(row)
  return Template.query().resultSize()
}
