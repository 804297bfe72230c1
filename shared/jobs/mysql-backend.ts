/** agenda's documented backend contract on the central database: nothing more to install than the database that is there anyway. */
import type { AgendaBackend } from 'agenda'
import { MysqlRepository } from './mysql-repository.js'

export class MysqlBackend implements AgendaBackend {
  readonly name = 'MySQL'
  /** The kernel opens and closes connections. */
  readonly ownsConnection = false
  readonly notificationChannel = undefined
  readonly repository: MysqlRepository

  constructor(busyTenants?: () => readonly string[]) {
    this.repository = new MysqlRepository(busyTenants)
  }

  async connect(): Promise<void> {
    await this.repository.connect()
  }

  async disconnect(): Promise<void> {}
}
