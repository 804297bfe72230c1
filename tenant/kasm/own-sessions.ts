/** What Kasm shows of one workspace's user, and how it is ended for certain. */
import { kasmCodes, type KasmApi, type KasmSession, type SessionRef } from './provider/kasm-api.js'
import { hasCode } from './provider/outside-words.js'
import type { Workspace } from './workspace.js'

type Ids = Pick<Workspace, 'kasmWorkspaceId' | 'kasmUserId'>

export const refOf = (workspace: Ids): SessionRef | null =>
  (workspace.kasmWorkspaceId && workspace.kasmUserId ? { kasmId: workspace.kasmWorkspaceId, userId: workspace.kasmUserId } : null)

/** Of our user, the one that the row knows first, then what runs. `deleting` ones are left out: they are as good as gone. */
export function alive(sessions: readonly KasmSession[], workspace: Ids): KasmSession[] {
  const rank = (s: KasmSession) => (s.kasmId === workspace.kasmWorkspaceId ? 0 : s.status === 'running' ? 1 : 2)
  return sessions.filter((s) => s.userId === workspace.kasmUserId && s.status !== 'deleting').sort((a, b) => rank(a) - rank(b))
}

/** The session as Kasm shows it now; undefined when it is gone. */
export const lookAt = async (api: KasmApi, ref: SessionRef): Promise<KasmSession | undefined> =>
  (await api.sessions()).find((s) => s.kasmId === ref.kasmId)

/** Ends one session; one that is gone or being deleted has ended. Throws OutsideError while Kasm will not. */
export async function endSession(api: KasmApi, ref: SessionRef): Promise<void> {
  try {
    await api.destroy(ref)
  } catch (error) {
    if (!hasCode(error, kasmCodes.wrongState)) throw error
    const now = await lookAt(api, ref)
    if (now && now.status !== 'deleting') throw error
  }
}

/** Ends all that its user has, also what we never knew. */
export async function endAll(api: KasmApi, workspace: Ids): Promise<void> {
  if (!workspace.kasmUserId) return
  for (const session of alive(await api.sessions(), workspace)) await endSession(api, session)
}
