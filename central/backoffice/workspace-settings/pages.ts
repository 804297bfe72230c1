/** How workspaces appear to a shop's customers: their name, and the host in the desktop's address. */
import { keepFiles } from '../../../tenant/kasm/keep-files.js'
import { desktopHostsOf } from '../../../tenant/kasm/launch/desktop-hosts.js'
import { connections } from '../../../tenant/kasm/provider/connection.js'
import { workspaceProductName } from '../../../tenant/settings/product-name.js'

export interface WorkspaceSettingsPage {
  input: { name: string; one: string }
  /** Days for which the files of a removed workspace are kept. */
  days: number
  hosts: Array<{ id: number; label: string; region: string | null; server: string; host: string; active: boolean }>
}

/** Inside the tenant. The server's host name is shown to the shop's people: a CNAME must point to it. */
export async function workspaceSettings(): Promise<WorkspaceSettingsPage> {
  const hosts = await desktopHostsOf()
  return {
    input: await workspaceProductName(), days: (await keepFiles.read()).days,
    hosts: (await connections()).map((c) => ({ id: c.id, label: c.label, region: c.region, server: new URL(c.baseUrl).hostname, host: hosts[String(c.id)] ?? '', active: c.active })),
  }
}
