/** What `npm start` prints when everything runs. */
import { config, originOf } from '../../shared/config.js'
import { demoPassword, demoShops } from './seed.js'
import type { Outside } from './outside.js'

type Row = [what: string, where: string, login: string]

function draw(rows: readonly Row[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: Row): string => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ')}`.trimEnd()
  return rows.map(line).join('\n')
}

export function demoTable(outside: Outside): string {
  const platform = config().PLATFORM_DOMAIN
  const shops = demoShops().map((shop): Row => [`Shop: ${shop.name}`, originOf(shop.host), `customer@${shop.host}`])
  const owners = demoShops().filter((shop) => !shop.house).map((shop): Row => [`Reseller area: ${shop.name}`, `${originOf(platform)}/reseller`, shop.owner])
  const rows: Row[] = [
    ['Staff console', originOf(`admin.${platform}`), 'staff@ezscale.localhost'], ['Platform site', originOf(platform), ''], ...owners, ...shops,
    ['Caught mail', `${originOf(`admin.${platform}`)}/mail`, ''], ['Style guide and letters', `${originOf(`admin.${platform}`)}/styleguide  /letters`, ''],
    ['Simulated workspaces', `${outside.kasm.url}  ${outside.europe.url}  ${outside.gateway.url}`, ''], ['Simulated card service, PayPal', `${outside.stripe.url}  ${outside.paypal.url}`, ''],
  ]
  return `\n${draw(rows)}\n\n  Every password is ${demoPassword}. Cards, PayPal, workspaces, mail and alerts are simulated; nothing leaves this machine.\n  Ctrl-C stops everything.\n\n`
}
