/** Discord's limits on a message and the form of its refusals. */
interface Embed { title?: string; description?: string; color?: number; fields?: Array<{ name: string; value: string }>; footer?: { text?: string }; author?: { name?: string } }
export interface DiscordMessage { content?: string; username?: string; embeds?: Embed[]; allowed_mentions?: { parse?: string[] } }

type Path = Array<string | number>
const length = (text: string | undefined): number => [...(text ?? '').trim()].length

function refusal(path: Path, code: string, message: string): object {
  const inner: Record<string, unknown> = { _errors: [{ code, message }] }
  return { code: 50035, message: 'Invalid Form Body', errors: path.reduceRight((errors, step) => ({ [String(step)]: errors }), inner) }
}
const tooLong = (path: Path, limit: number): object => refusal(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limit} or fewer in length.`)
const required = (path: Path): object => refusal(path, 'BASE_TYPE_REQUIRED', 'This field is required')

/** The refusal that Discord would answer with, or undefined. */
export function checkMessage(message: DiscordMessage): object | undefined {
  const embeds = message.embeds ?? []
  if (!message.content && !embeds.length) return { code: 50006, message: 'Cannot send an empty message' }
  if (length(message.content) > 2000) return tooLong(['content'], 2000)
  if (/discord|clyde/i.test(message.username ?? '')) return refusal(['username'], 'USERNAME_INVALID_CONTAINS', 'Username cannot contain this word')
  if (embeds.length > 10) return tooLong(['embeds'], 10)
  for (const [n, embed] of embeds.entries()) {
    const fault = checkEmbed(embed, ['embeds', n])
    if (fault) return fault
  }
  if (embeds.reduce((sum, embed) => sum + sizeOf(embed), 0) > 6000) return refusal(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000')
  return undefined
}

const sizeOf = (e: Embed): number =>
  length(e.title) + length(e.description) + length(e.footer?.text) + length(e.author?.name) + (e.fields ?? []).reduce((sum, f) => sum + length(f.name) + length(f.value), 0)

function checkEmbed(embed: Embed, path: Path): object | undefined {
  const texts: Array<[Path, string | undefined, number]> = [
    [['title'], embed.title, 256], [['description'], embed.description, 4096], [['footer', 'text'], embed.footer?.text, 2048], [['author', 'name'], embed.author?.name, 256],
  ]
  for (const [step, text, limit] of texts) if (length(text) > limit) return tooLong([...path, ...step], limit)
  if (embed.color !== undefined && !(Number.isInteger(embed.color) && embed.color >= 0 && embed.color <= 16_777_215)) return refusal([...path, 'color'], 'NUMBER_TYPE_MAX', 'int value should be less than or equal to 16777215.')
  if ((embed.fields?.length ?? 0) > 25) return tooLong([...path, 'fields'], 25)
  for (const [n, field] of (embed.fields ?? []).entries()) {
    for (const [name, limit] of [['name', 256], ['value', 1024]] as const) {
      if (!length(field[name])) return required([...path, 'fields', n, name])
      if (length(field[name]) > limit) return tooLong([...path, 'fields', n, name], limit)
    }
  }
  return undefined
}
