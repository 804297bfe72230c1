/** A reseller describes what it sells. */
import { FormErrors } from '../../shared/errors.js'
import { errnoOf } from '../../shared/database/database-busy.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { newPublicId } from '../../shared/security/token.js'
import { Plan } from './plan.js'
import { ProductGroup } from './product-group.js'
import { Product, type ChangePolicy, type ServiceType } from './product.js'

export interface ProductFacts {
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly features: readonly string[]
  readonly groupId: number | null
  readonly followsParent: boolean
  readonly stockLimit: number | null
  readonly maxQuantity: number
  readonly trialDays: number
  readonly minTermMonths: number
  readonly taxClass: string
  readonly upgradePolicy: ChangePolicy
  readonly downgradePolicy: ChangePolicy
  readonly sortOrder: number
}
const DUPLICATE = 1062

/** New products are hidden until somebody publishes them. Throws FormErrors (`slug`, `group`). */
export async function createProduct(kind: Product['kind'], serviceType: ServiceType, facts: ProductFacts): Promise<Product> {
  await assertGroup(facts.groupId)
  return named(() => tenantTransaction(async () => {
    const product = await Product.query().insertAndFetch({ ...facts, features: [...facts.features], publicId: newPublicId(), kind, serviceType, status: 'hidden', stockTaken: 0 })
    await record('product.created', product, { name: product.name })
    return product
  }))
}

/** What it is called and how it is sold; kind and type stay. Its plans take the new name with it. Throws FormErrors (`slug`, `group`). */
export async function changeProduct(product: Product, facts: ProductFacts): Promise<void> {
  await assertGroup(facts.groupId)
  await named(() => tenantTransaction(async () => {
    await product.$query().patch({ ...facts, features: [...facts.features] })
    if (product.serviceType !== 'kasm_workspace') await Plan.query().patch({ name: facts.name, description: facts.description, sortOrder: facts.sortOrder }).where({ productId: product.id })
    await record('product.changed', product, { name: facts.name })
  }))
}

/** The add-ons sold with a product, in this order. Unknown ids are left out. */
export async function setAddons(product: Product, addonIds: readonly number[]): Promise<void> {
  await tenantTransaction(async (trx) => {
    const addons = await Product.query().whereIn('id', [...addonIds]).where({ kind: 'addon' })
    const ids = addonIds.filter((id) => addons.some((a) => a.id === id))
    await trx('product_addons').where({ product_id: product.id }).delete()
    if (ids.length > 0) await trx('product_addons').insert(ids.map((addon_id, sort_order) => ({ product_id: product.id, addon_id, sort_order })))
    await record('product.addons-changed', product, { addons: addons.map((a) => a.name) })
  })
}

/** Ids of the add-ons sold with it, retired or hidden ones too. */
export async function addonIdsOf(product: Product): Promise<number[]> {
  return (await tenantDb()('product_addons').where({ product_id: product.id }).orderBy('sort_order').pluck('addon_id')) as number[]
}

/** A heading of the shop. Throws FormErrors (`slug`). */
export async function saveGroup(facts: Pick<ProductGroup, 'name' | 'slug' | 'description' | 'sortOrder'>, group?: ProductGroup): Promise<void> {
  await named(async () => void (group ? await group.$query().patch(facts) : await ProductGroup.query().insert({ ...facts, publicId: newPublicId() })))
}

/** Its products stay, under the heading of their type. */
export async function removeGroup(group: ProductGroup): Promise<void> {
  await tenantTransaction(async () => {
    await Product.query().patch({ groupId: null }).where({ groupId: group.id })
    await group.$query().delete()
  })
}

async function assertGroup(groupId: number | null): Promise<void> {
  if (groupId !== null && !(await ProductGroup.query().findById(groupId))) throw new FormErrors({ group: 'This group does not exist any more. Choose another one.' })
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (errnoOf(error) === DUPLICATE) throw new FormErrors({ slug: 'This address is taken. Choose another one.' })
    throw error
  }
}
