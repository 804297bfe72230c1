/** Where somebody is, as tax sees it: codes instead of the names people write. Pure. */
export interface TaxPlace {
  /** ISO 3166. */
  readonly country: string
  /** Code of a state or province (`CA`, `QC`), upper case; else what was written. */
  readonly region: string
  readonly postcode: string
}

const names = (text: string): ReadonlyMap<string, string> => new Map(text.split(';').map((pair) => pair.split('=') as [string, string]).map(([code, name]) => [name.toUpperCase(), code]))
const regions: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  US: names('AL=Alabama;AK=Alaska;AZ=Arizona;AR=Arkansas;CA=California;CO=Colorado;CT=Connecticut;DE=Delaware;DC=District of Columbia;FL=Florida;GA=Georgia;HI=Hawaii;ID=Idaho;IL=Illinois;'
    + 'IN=Indiana;IA=Iowa;KS=Kansas;KY=Kentucky;LA=Louisiana;ME=Maine;MD=Maryland;MA=Massachusetts;MI=Michigan;MN=Minnesota;MS=Mississippi;MO=Missouri;MT=Montana;NE=Nebraska;NV=Nevada;'
    + 'NH=New Hampshire;NJ=New Jersey;NM=New Mexico;NY=New York;NC=North Carolina;ND=North Dakota;OH=Ohio;OK=Oklahoma;OR=Oregon;PA=Pennsylvania;PR=Puerto Rico;RI=Rhode Island;'
    + 'SC=South Carolina;SD=South Dakota;TN=Tennessee;TX=Texas;UT=Utah;VT=Vermont;VA=Virginia;WA=Washington;WV=West Virginia;WI=Wisconsin;WY=Wyoming'),
  CA: names('AB=Alberta;BC=British Columbia;MB=Manitoba;NB=New Brunswick;NL=Newfoundland and Labrador;NT=Northwest Territories;NS=Nova Scotia;NU=Nunavut;ON=Ontario;PE=Prince Edward Island;'
    + 'QC=Quebec;SK=Saskatchewan;YT=Yukon;QC=Québec'),
}
/** Countries whose customers are taxed as those of another: Monaco as France, the Isle of Man as Great Britain. */
const asIf: Readonly<Record<string, string>> = { MC: 'FR', IM: 'GB' }

export function regionCode(country: string, region: string | null | undefined): string {
  const written = (region ?? '').trim().toUpperCase()
  return regions[country]?.get(written) ?? written
}

/** Null for somebody whose country is not known. */
export function taxPlace(country: string | null | undefined, region?: string | null, postcode?: string | null): TaxPlace | null {
  if (!country) return null
  const code = asIf[country] ?? country
  return { country: code, region: regionCode(code, region), postcode: (postcode ?? '').trim() }
}
