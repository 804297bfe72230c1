import { expect } from 'chai'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { useWorld } from '../../shared/testing/world.js'
import { newProduct } from '../testing/catalog-world.js'
import { Product } from './product.js'
import { giveBackStock, takeStock } from './stock.js'

describe('Stock', function () {
  this.timeout(30_000)
  const world = useWorld()
  const codes = (results: ReadonlyArray<PromiseSettledResult<unknown>>) => results.map((r) => (r.status === 'fulfilled' ? 'taken' : (r.reason as { code: string }).code))
  const twentyAt = (product: Product, n = 1) => Promise.allSettled(Array.from({ length: 20 }, () => world.as(world.acme, () => tenantTransaction((trx) => takeStock(trx, product, n)))))
  const taken = (product: Product) => world.as(world.acme, async () => (await Product.query().findById(product.id))!.stockTaken)

  it('sells the last one once, however many ask for it at the same time', async () => {
    const { product } = await world.as(world.acme, () => newProduct({ stockLimit: 3, stockTaken: 2 }))
    const answers = codes(await twentyAt(product))
    expect(answers.filter((a) => a === 'taken')).to.have.length(1)
    expect(answers.filter((a) => a === 'product.sold-out')).to.have.length(19)
    expect(await taken(product)).to.equal(3)
  })
  it('sells whole quantities or nothing', async () => {
    const { product } = await world.as(world.acme, () => newProduct({ stockLimit: 7 }))
    expect(codes(await twentyAt(product, 3)).filter((a) => a === 'taken')).to.have.length(2)
    expect(await taken(product)).to.equal(6)
  })
  it('gives back what a dropped order held, never below zero, and nothing when the order’s transaction fails', async () => {
    const { product } = await world.as(world.acme, () => newProduct({ stockLimit: 1 }))
    await world.as(world.acme, () => tenantTransaction(async (trx) => {
      await takeStock(trx, product)
      throw new Error('the order fails')
    })).catch(() => undefined)
    expect(await taken(product)).to.equal(0)
    await world.as(world.acme, () => tenantTransaction((trx) => takeStock(trx, product)))
    await world.as(world.acme, () => tenantTransaction((trx) => giveBackStock(trx, product)))
    await world.as(world.acme, () => tenantTransaction((trx) => giveBackStock(trx, product)))
    expect(await taken(product)).to.equal(0)
  })
  it('counts sales of products without a limit and refuses retired ones', async () => {
    const [free, gone] = await world.as(world.acme, async () => [(await newProduct()).product, (await newProduct({ status: 'retired' })).product] as const)
    expect(codes(await twentyAt(free))).to.not.include('product.sold-out')
    expect(await taken(free)).to.equal(20)
    expect(codes(await twentyAt(gone))).to.not.include('taken')
  })
})
