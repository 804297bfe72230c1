/** What tenant and central records share: names, timestamps, owned look-ups, and moving along declared states. */
import objection, { type ModelOptions, type Pojo, type QueryContext } from 'objection'
import { NotFound, Refusal } from '../errors.js'
import { clock } from '../time/clock.js'
import { MODEL_NAMES } from './knex-facade.js'
import { onRollback } from './transaction-scope.js'

const { Model, snakeCaseMappers } = objection

/** Column names may be written either way in a model's query: `publicId` or `public_id`. */
export class RecordModel extends Model {
  static override columnNameMappers = snakeCaseMappers()
  static override useLimitInFirst = true

  /** Set both columns on insert and the second on update. Override with `[]` or `['createdAt']` where the table lacks them. */
  static timestamps: ReadonlyArray<'createdAt' | 'updatedAt'> = ['createdAt', 'updatedAt']
  /** tinyint(1) columns that read as true and false. */
  static booleans: readonly string[] = []
  /** What people call it, where the table's name is not fit to be read: `workspace`. It also begins its codes. */
  static noun: string | null = null
  /** Declared moves of `status`: from → where it may go. */
  static moves: Readonly<Record<string, readonly string[]>> = {}

  static onCreateQuery(builder: objection.AnyQueryBuilder): void {
    void builder.onBuildKnex((knexBuilder) => {
      void knexBuilder.queryContext(MODEL_NAMES)
    })
  }

  /**
   * The one record with these properties, e.g. `{ publicId, userId }`: always name the owner as well.
   * Throws NotFound, which also hides what belongs to somebody else.
   */
  static async findOwned<M extends RecordModel>(this: objection.Constructor<M>, where: object): Promise<M> {
    const type = this as unknown as typeof RecordModel
    const found = await type.query().findOne(where)
    if (!found) throw new NotFound(nounOf(type))
    return found as M
  }

  /**
   * Moves the record to another status, along the declared moves, if it still is in the status we know (compare and set).
   * Throws Refusal `<noun or table>.moved` when somebody was first, and Error when the move is not declared. Call it in the verb's transaction: if that is rolled
   * back, the record is again what it was.
   */
  async become(to: string, patch: object = {}): Promise<void> {
    this.assertUsable()
    const type = this.constructor as typeof RecordModel
    const row = this as unknown as { status: string }
    const from = row.status
    if (!type.moves[from]?.includes(to)) throw new Error(`A row of ${type.tableName} does not move from ${from} to ${to}.`)
    const changes = { ...patch, status: to }
    const changed = await type.query().patch(changes as objection.PartialModelObject<RecordModel>).where('id', this.$id() as number).where('status', from)
    if (changed === 0) throw new Refusal(`${type.noun ?? type.tableName}.moved`, `This ${nounOf(type)} has changed in the meantime. Please look at it again.`)
    follow(this, type.timestamps.includes('updatedAt') ? { updatedAt: clock.now(), ...changes } : changes)
  }

  /** Throws when this record may not be used in the current unit of work. */
  protected assertUsable(): void {}

  override $beforeInsert(_context: QueryContext): Promise<unknown> | void {
    const now = clock.now()
    const row = this as unknown as Record<string, unknown>
    for (const column of (this.constructor as typeof RecordModel).timestamps) row[column] ??= now
  }

  override $beforeUpdate(_options: ModelOptions, _context: QueryContext): Promise<unknown> | void {
    if ((this.constructor as typeof RecordModel).timestamps.includes('updatedAt')) (this as unknown as Record<string, unknown>).updatedAt ??= clock.now()
  }

  override $parseDatabaseJson(json: Pojo): Pojo {
    const row = super.$parseDatabaseJson(json)
    for (const name of (this.constructor as typeof RecordModel).booleans) if (typeof row[name] === 'number') row[name] = row[name] !== 0
    return row
  }
}

/** As the row is now; and as it was, should the transaction be undone: repeated after a deadlock, it finds the status that it knew. */
function follow(record: RecordModel, changes: object): void {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, (record as unknown as Record<string, unknown>)[name]]))
  record.$set(changes)
  onRollback(() => void Object.assign(record, before))
}

/** `credit_notes` → `credit note`: for sentences that people read. */
function nounOf({ noun, tableName }: typeof RecordModel): string {
  return noun ?? tableName.replace(/_/g, ' ').replace(/ies$/, 'y').replace(/(?<!s)s$/, '')
}
