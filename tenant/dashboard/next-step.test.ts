import { expect } from 'chai'
import { nextStep, type Standing } from './next-step.js'

const well: Standing = { verified: true, due: null, together: null, services: 1, failed: null, canPay: true, coming: null }
const due = { publicId: 'inv1', amount: '$14.00', date: 'Nov 27, 2026', overdue: false }

describe('the one next step', () => {
  it('is nothing when all is well', () => expect(nextStep(well)).to.equal(null))
  it('is confirming the address before anything else', () => expect(nextStep({ ...well, verified: false, due })?.href).to.equal('/verify-email'))
  it('names the amount and the day to pay', () => expect(nextStep({ ...well, due })).to.include({ title: 'Pay $14.00', text: 'It is due on Nov 27, 2026.', href: '/invoices/inv1', tone: 'info' }))
  it('is urgent when an invoice is overdue', () => expect(nextStep({ ...well, due: { ...due, overdue: true } })).to.include({ tone: 'bad' }))
  it('is one payment for all that is open', () => {
    const together = { amount: '$21.00', invoices: 2 }
    expect(nextStep({ ...well, due, together })).to.include({ title: 'Pay $21.00 for 2 invoices', text: 'The first of them is due on Nov 27, 2026.', href: '/pay-all', tone: 'info' })
    expect(nextStep({ ...well, due: { ...due, overdue: true }, together })).to.include({ text: 'The first of them is overdue. Pay now to keep your services running.', tone: 'bad' })
  })
  it('points to a service that could not be set up', () => expect(nextStep({ ...well, failed: { publicId: 's1', name: 'Desk' } })?.href).to.equal('/services/s1'))
  it('is a payment method for somebody whose services could not start', () => expect(nextStep({ ...well, canPay: false })?.href).to.equal('/payment-methods'))
  it('is a payment method before a charge that comes by itself, and names amount and day', () => {
    const step = nextStep({ ...well, canPay: false, coming: { amount: '$9.00', date: 'Dec 8, 2026' } })
    expect(step).to.include({ text: '$9.00 is charged on Dec 8, 2026. With a saved method you need not think of it.', href: '/payment-methods', tone: 'info' })
  })
  it('is the first order for somebody new', () => expect(nextStep({ ...well, services: 0, canPay: false })?.href).to.equal('/workspaces/plans'))
})
