/** An image that a server offered at our last look. Vanished ones stay as rows: templates and running workspaces may still name them. */
import { CentralModel } from '../../shared/database/central-model.js'
import type { KasmImage } from '../../tenant/kasm/provider/kasm-api.js'

/** What the server says of an image, in our units. */
export interface ImageFacts { readonly imageId: string; readonly name: string; readonly description: string; readonly categories: readonly string[]; readonly vcpu: number; readonly ramMb: number; readonly available: boolean }

export class ProviderImage extends CentralModel {
  static override tableName = 'provider_images'
  static override booleans = ['available']
  static override jsonAttributes = ['categories']
  declare id: number
  declare providerConnectionId: number
  /** The server's own id. */
  declare imageId: string
  declare name: string
  declare description: string
  declare categories: string[]
  declare vcpu: number
  declare ramMb: number
  /** The server says that it may be started. */
  declare available: boolean
  declare firstSeenAt: Date
  declare lastSeenAt: Date
  /** Not in the list since then; null: it is. */
  declare missingSince: Date | null
  /** When its size last changed at the server. */
  declare changedAt: Date | null
  /** Staff does not want a template of it. */
  declare setAsideAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  /** New workspaces may be made from it: it is there, it may be started, and it has the size that the template promises. */
  isGoodFor(size: { vcpu: number; ramMb: number }): boolean {
    return this.missingSince === null && this.available && this.vcpu === size.vcpu && this.ramMb === size.ramMb
  }
}

/** Fractions of a core are rounded up: nobody gets less than the image says. Memory in whole MB. */
export function factsOf(image: KasmImage): ImageFacts {
  return {
    imageId: image.imageId, name: image.name.slice(0, 255), description: image.description.slice(0, 1000), categories: image.categories.slice(0, 20),
    vcpu: Math.max(1, Math.min(65_535, Math.ceil(image.cores))), ramMb: Math.round(image.memoryBytes / 1024 ** 2), available: image.available,
  }
}

export interface ImageDifference { added: ImageFacts[]; changed: Array<{ row: ProviderImage; facts: ImageFacts; size: boolean }>; gone: ProviderImage[]; same: ProviderImage[] }

/** Compares what we know of one connection with its list. Pure. A row that was missing and is back counts as changed. */
export function differenceOf(known: readonly ProviderImage[], seen: readonly ImageFacts[]): ImageDifference {
  const rows = new Map(known.map((row) => [row.imageId, row]))
  const listed = new Map(seen.map((facts) => [facts.imageId, facts]))
  const difference: ImageDifference = { added: [], changed: [], same: [], gone: known.filter((row) => row.missingSince === null && !listed.has(row.imageId)) }
  for (const facts of listed.values()) {
    const row = rows.get(facts.imageId)
    if (!row) difference.added.push(facts)
    else if (wordOf(row) === wordOf(facts) && row.missingSince === null) difference.same.push(row)
    else difference.changed.push({ row, facts, size: row.vcpu !== facts.vcpu || row.ramMb !== facts.ramMb })
  }
  return difference
}

const wordOf = ({ name, description, categories, vcpu, ramMb, available }: ImageFacts): string => JSON.stringify([name, description, categories, vcpu, ramMb, available])
