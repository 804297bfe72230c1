/** Lets at most `width` pieces of work run at a time; the others wait in order of arrival. */
export function turnstile(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0
  const waiting: Array<() => void> = []
  return async (work) => {
    if (inside >= width) await new Promise<void>((enter) => waiting.push(enter))
    else inside++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}
