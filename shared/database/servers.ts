/** The database servers this process knows. Server 1 is the one in DATABASE_URL; central registers the others from `database_servers`. */
import mysql from 'mysql2/promise'
import { config } from '../config.js'

export interface DatabaseServer {
  /** Row of `database_servers` in central. */
  readonly id: number
  readonly name: string
  readonly host: string
  readonly port: number
  /** May create databases, users and grants. */
  readonly adminUser: string
  readonly adminPassword: string
}

/**
 * How every connection of ours talks: UTC, exact large numbers, four-byte text, calendar days as text. No prepared statements: they die
 * with each change of user, and the driver's room for 16,000 of them costs a tenth of a millisecond to clear at each.
 */
export const wire = { timezone: 'Z', supportBigNumbers: true, charset: 'UTF8MB4_UNICODE_520_CI', dateStrings: ['DATE' as const], connectTimeout: 3000, maxPreparedStatements: 1 }

const registered = new Map<number, DatabaseServer>()

/** The server a database URL names. */
export function serverFromUrl(url: string, id: number, name: string): DatabaseServer {
  const u = new URL(url)
  return { id, name, host: u.hostname, port: Number(u.port || 3306), adminUser: decodeURIComponent(u.username), adminPassword: decodeURIComponent(u.password) }
}

/** Makes a server known, or replaces what was known of it. Connections opened before keep their old address. */
export function registerServer(server: DatabaseServer): void {
  registered.set(server.id, Object.freeze({ ...server }))
}

export function serverOf(id: number): DatabaseServer {
  const server = registered.get(id) ?? (id === 1 ? serverFromUrl(config().DATABASE_URL, 1, 'first') : undefined)
  if (!server) throw new Error(`Database server ${id} is not registered.`)
  return server
}

export interface ConnectAs {
  user?: string
  password?: string
  database?: string
}

/** One connection outside every budget, several statements a call allowed: for creating, migrating and dropping. The caller ends it. */
export async function adminConnection(serverId: number, as: ConnectAs = {}): Promise<mysql.Connection> {
  const { host, port, adminUser, adminPassword } = serverOf(serverId)
  return mysql.createConnection({ ...wire, host, port, user: as.user ?? adminUser, password: as.password ?? adminPassword, multipleStatements: true, ...(as.database ? { database: as.database } : {}) })
}
