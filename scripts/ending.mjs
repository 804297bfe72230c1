// What a script started is stopped when it ends, also by a signal, however early that comes. Import this first.
const stops = []
let ending

/** Registers how to stop something, as soon as it has been started. */
export function atEnd(stop) {
  stops.push(stop)
}

/** Stops everything, the latest first, and ends the process. What is registered meanwhile is stopped as well. */
export function end(code) {
  ending ??= (async () => {
    while (stops.length) await stops.pop()()
    process.exit(code)
  })()
  return ending
}

/** Somebody has asked for the end: what fails now fails because of that. */
export const isEnding = () => ending !== undefined

let atSignal = () => {}
/** What a signal does from now on instead of ending at once: usually telling a child, whose end is then ours. */
export function onSignal(react) {
  atSignal = react
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => atSignal(signal) || end(130))
