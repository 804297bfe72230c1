/**
 * Names of our users at Kasm: `<slug of the shop>-<public id of the service>`. A public id holds no hyphen, so the last hyphen parts the two: `acme-two-…` is never
 * taken for a user of `acme`.
 */
const ours = /^([a-z0-9](?:-?[a-z0-9])*)-([0-9a-z]{20})$/

/** The shop that a user name says it is of; null: not a name of ours. Whether there is such a shop is another question. */
export function slugOfUser(username: string): string | null {
  return ours.exec(username)?.[1] ?? null
}
