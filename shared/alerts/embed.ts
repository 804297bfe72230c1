/** An alert as a Discord embed. Limits are Discord's, counted in code points after trimming: https://docs.discord.com/developers/resources/message#embed-object */

export interface Alert {
  level: 'info' | 'warning' | 'error'
  title: string
  message: string
  fields?: Record<string, string | number>
}
export interface Embed {
  title: string
  description: string
  color: number
  timestamp: string
  fields: Array<{ name: string; value: string; inline: boolean }>
}

const most = { title: 256, description: 4096, fields: 25, name: 256, value: 1024, together: 6000 } as const
/** Room that we leave: Discord's count and ours may differ by how it trims. */
const margin = 100
const colors = { info: 0x1d4ed8, warning: 0xca8a04, error: 0xdc2626 } as const

/** Text from people must not become links, headings or formatting. Mentions are switched off for the whole message. */
const escapeMarkdown = (text: string): string => text.replace(/[\\*_~|`>[\]()#<]/g, (c) => `\\${c}`)

/** Cuts by code points and never leaves half an escape. An empty text becomes a dash, because Discord refuses empty parts. */
export function fit(text: string, limit: number): string {
  const points = [...escapeMarkdown(text).trim()]
  if (points.length <= limit) return points.join('') || '–'
  const cut = points.slice(0, limit - 1).join('')
  const danglingSlashes = /\\*$/.exec(cut)![0].length
  return `${danglingSlashes % 2 ? cut.slice(0, -1) : cut}…`
}

const length = (text: string): number => [...text].length
export const sizeOf = (embed: Embed): number =>
  length(embed.title) + length(embed.description) + embed.fields.reduce((sum, f) => sum + length(f.name) + length(f.value), 0)

/** Fields that do not fit the sum are left out; the log has them all. */
export function toEmbed(alert: Alert, at: Date): Embed {
  const embed: Embed = { title: fit(alert.title, most.title), description: fit(alert.message, most.description), color: colors[alert.level], timestamp: at.toISOString(), fields: [] }
  for (const [name, value] of Object.entries(alert.fields ?? {}).slice(0, most.fields)) {
    const field = { name: fit(name, most.name), value: fit(String(value), most.value), inline: true }
    if (sizeOf(embed) + length(field.name) + length(field.value) > most.together - margin) break
    embed.fields.push(field)
  }
  return embed
}

/** As many embeds as one message takes: ten, and 6,000 code points together. */
export function takeBatch(waiting: readonly Embed[]): Embed[] {
  const batch: Embed[] = []
  let size = 0
  for (const embed of waiting.slice(0, 10)) {
    size += sizeOf(embed)
    if (batch.length && size > most.together - margin) break
    batch.push(embed)
  }
  return batch
}
