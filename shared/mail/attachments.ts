/** What a letter carries is made when it is sent: the row keeps only `{kind, id}`. */
import type { AttachmentRef } from './message.js'

export interface Attachment {
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
}
/** Runs in the tenant of the letter, outside any transaction. An error puts the letter off, as a passing trouble. */
export type AttachmentLoader = (id: number | string) => Promise<Attachment>

const loaders = new Map<string, AttachmentLoader>()

export function registerAttachment(kind: string, loader: AttachmentLoader): void {
  if (loaders.has(kind)) throw new Error(`Two loaders make attachments of the kind "${kind}".`)
  loaders.set(kind, loader)
}

export async function loadAttachments(refs: readonly AttachmentRef[]): Promise<Attachment[]> {
  const loaded: Attachment[] = []
  for (const { kind, id } of refs) {
    const loader = loaders.get(kind)
    if (!loader) throw new Error(`Nothing makes attachments of the kind "${kind}".`)
    loaded.push(await loader(id))
  }
  return loaded
}
