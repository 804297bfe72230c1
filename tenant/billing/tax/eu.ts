/** The EU's VAT area as data, and the list of rates that a shop may load. Facts of this date; a reseller sees it beside the list. */
export const euListDate = '2026-01-01'

/** Standard rates of the member states, parts of a million. Sources: European Commission, "VAT rates applied in the member states", and the states' own announcements. */
export const euStandardRates: Readonly<Record<string, number>> = Object.freeze({
  AT: 200_000, BE: 210_000, BG: 200_000, HR: 250_000, CY: 190_000, CZ: 210_000, DK: 250_000, EE: 240_000, FI: 255_000, FR: 200_000, DE: 190_000,
  GR: 240_000, HU: 270_000, IE: 230_000,
  IT: 220_000, LV: 210_000, LT: 210_000, LU: 170_000, MT: 180_000, NL: 210_000, PL: 230_000, PT: 230_000, RO: 210_000, SK: 230_000, SI: 220_000,
  ES: 210_000, SE: 250_000,
})

/** Parts of a member state with a rate of their own, by postcode. */
export const euRegionalRates: ReadonlyArray<{ readonly country: string; readonly postcodes: string; readonly ppm: number; readonly name: string }> = [
  { country: 'PT', postcodes: '90*, 91*, 92*, 93*, 94*', ppm: 220_000, name: 'Madeira' },
  { country: 'PT', postcodes: '95*, 96*, 97*, 98*, 99*', ppm: 160_000, name: 'Azores' },
  { country: 'AT', postcodes: '6691, 6991, 6992, 6993', ppm: 190_000, name: 'Jungholz and Mittelberg' },
]

/** Parts of a member state outside the VAT area (Directive 2006/112/EC, Article 6), by postcode: Canaries, Ceuta, Melilla; Heligoland, Büsingen; Livigno; Mount Athos. */
const outside: Readonly<Record<string, string>> = Object.freeze({ ES: '35*, 38*, 51*, 52*', DE: '27498, 78266', IT: '23041', GR: '63086, 63087' })

export const isMemberState = (country: string | null | undefined): boolean => country !== null && country !== undefined && country in euStandardRates

/** Does a patterns' list like `35*, 78266` name this postcode? Spaces and dashes do not count. An empty list names none. */
export function postcodeMatches(patterns: string, postcode: string | null | undefined): boolean {
  const plain = squeeze(postcode ?? '')
  return plain !== '' && patterns.split(',').map(squeeze).filter(Boolean)
    .some((pattern) => (pattern.endsWith('*') ? plain.startsWith(pattern.slice(0, -1)) : plain === pattern))
}
const squeeze = (text: string): string => text.replace(/[\s-]/g, '').toUpperCase()

export const inVatArea = (country: string, postcode: string | null | undefined): boolean => isMemberState(country) && !postcodeMatches(outside[country] ?? '', postcode)
