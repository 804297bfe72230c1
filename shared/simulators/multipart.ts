/** Reads `multipart/form-data`. The body comes as latin1 text, a character a byte, so that files survive. */
export interface Part {
  readonly name: string
  /** Null for a plain field. */
  readonly filename: string | null
  readonly type: string
  readonly value: string
}

export function fieldsOf(body: string, contentType: string): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (!boundary) return []
  return body.split(`--${boundary}`).slice(1, -1).map((part) => {
    const end = part.indexOf('\r\n\r\n')
    const head = part.slice(0, end)
    const word = (what: string): string | null => new RegExp(`[; ]${what}="([^"]*)"`, 'i').exec(head)?.[1] ?? null
    return { name: word('name') ?? '', filename: word('filename'), type: /content-type: *([^\r\n]+)/i.exec(head)?.[1] ?? 'text/plain', value: part.slice(end + 4, -2) }
  })
}
