/** Passwords: argon2id, equal work for known and unknown names, and a few rules that help people rather than annoy them. */
import { hash, verify } from '@node-rs/argon2'

// 19 MiB, two passes, one lane (OWASP's first choice); 2 is argon2id (the library's own enum is const, which isolated modules cannot read).
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFC'), cost)

let dummy: Promise<string> | undefined
/** True when the password is the one. Without a hash (unknown name, no password set yet) it works as long, and says no. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  dummy ??= hashPassword('nobody has this password')
  const holds = await verify(stored ?? (await dummy), password.normalize('NFC')).catch(() => false)
  return stored !== null && holds
}

/** The hash was made with less work than we ask today: make it anew at the next sign-in. */
export const isOutdatedHash = (stored: string): boolean => !stored.startsWith(`$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`)

const shortestPassword = 10
export const longestPassword = 200
const common = ['password', 'qwertyuiop', '1234567890', '0123456789', 'letmein', 'iloveyou', 'welcome', 'administrator', 'changeme', 'football', 'baseball', 'sunshine', 'princess', 'dragon', 'monkey']

function isCommon(password: string): boolean {
  const lower = password.toLowerCase().replace(/[^a-z0-9@$]/g, '')
  const spelled = (text: string): string => text.replace(/[0@1$]/g, (c) => ({ 0: 'o', '@': 'a', 1: 'i', $: 's' })[c] ?? c)
  const tried = [lower, spelled(lower), spelled(lower.replace(/\d+$/, ''))]
  return new Set(password).size < 4 || tried.some((text) => common.includes(text))
}

/** Why this password will not do, as a sentence; null when it will. `about`: the person's own name and address. */
export function passwordFault(password: string, about: readonly string[] = []): string | null {
  const length = [...password].length
  if (length < shortestPassword) return `Use at least ${shortestPassword} characters. A few words in a row are easy to remember.`
  if (length > longestPassword) return `Use at most ${longestPassword} characters.`
  if (isCommon(password)) return 'This password is one of the first that somebody would try. Use a few words in a row instead.'
  const lower = password.toLowerCase()
  const own = about.flatMap((a) => [a, a.split('@')[0] ?? '']).map((a) => a.toLowerCase().replace(/\s+/g, '')).filter((a) => a.length >= 4)
  return own.some((a) => lower.replace(/\s+/g, '').replace(a, '').length < 5 && lower.replace(/\s+/g, '').includes(a)) ? 'Do not use your own name or address as your password.' : null
}
