/** Countries and time zones, and a fair guess at both so that nobody must choose from a long list. Pure. */

// ISO 3166-1, all that are assigned.
const codes = ('AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ '
  + 'DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP '
  + 'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM '
  + 'PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ '
  + 'UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW').split(' ')
const known = new Set(codes)
/** Where most people of a country of many zones live. */
const busiest: Readonly<Record<string, string>> = {
  US: 'America/New_York', CA: 'America/Toronto', AU: 'Australia/Sydney', BR: 'America/Sao_Paulo', MX: 'America/Mexico_City', RU: 'Europe/Moscow', ID: 'Asia/Jakarta', CN: 'Asia/Shanghai',
  ES: 'Europe/Madrid', PT: 'Europe/Lisbon', NZ: 'Pacific/Auckland', CL: 'America/Santiago', AR: 'America/Argentina/Buenos_Aires', KZ: 'Asia/Almaty', DE: 'Europe/Berlin', UA: 'Europe/Kyiv',
}

export const isCountry = (code: string): boolean => known.has(code)

/** Options of a form, by name in this language. */
export function countryOptions(locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  return codes.map((value) => ({ value, label: names.of(value) ?? value })).sort((a, b) => a.label.localeCompare(b.label, locale))
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return /^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/.test(name)
  } catch {
    return false
  }
}

export const timeZoneOptions = (): { value: string; label: string }[] =>
  ['UTC', ...Intl.supportedValuesOf('timeZone').filter((z) => z !== 'UTC')].map((value) => ({ value, label: value.replaceAll('_', ' ') }))

/** `de-CH,de;q=0.9` → CH; null when the browser names no country. */
export function countryFrom(acceptLanguage: string | undefined): string | null {
  for (const [, region] of (acceptLanguage ?? '').slice(0, 200).matchAll(/[a-z]{2,3}(?:-[A-Za-z]{4})?-([A-Z]{2})\b/g)) if (region && known.has(region)) return region
  return null
}

/** The browser's own zone when it told one, else the country's, else the shop's. */
export function guessTimeZone(told: string | undefined, country: string | null, otherwise: string): string {
  if (told && isTimeZone(told)) return told
  if (!country) return otherwise
  if (busiest[country]) return busiest[country]
  const zones = (new Intl.Locale(`und-${country}`) as Intl.Locale & { timeZones?: string[] }).timeZones ?? []
  return zones.includes(otherwise) ? otherwise : zones.find(isTimeZone) ?? otherwise
}
