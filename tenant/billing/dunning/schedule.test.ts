import { expect } from 'chai'
import { decide, type Situation } from './decide.js'
import { defaultRules, faultOf, planOf, type DunningRules } from './schedule.js'
import { faultIn, fill, paragraphsOf } from './words.js'
import { exampleValues } from './notice-words.js'

const berlin = (rules: DunningRules = defaultRules, serviceTypes: string[] = ['vps'], remindersOnly = false) => planOf(rules, { dueAt: new Date('2026-11-10T13:45:00Z'), timeZone: 'Europe/Berlin', serviceTypes, remindersOnly })
const at = (iso: string): Date => new Date(iso)
const situation = (now: string, done: Record<string, string> = {}, more: Partial<Situation> = {}): Situation => ({
  plan: berlin(), done: new Map(Object.entries(done).map(([code, iso]) => [code, at(iso)])), now: at(now), graceDays: 2, paying: false, ...more,
})
const codes = (steps: readonly { code: string }[]): string[] => steps.map((s) => s.code)

describe('The dunning calendar', () => {
  it('begins every step at midnight of the shop, whatever hour the invoice was due', () => {
    expect(berlin().map((s) => [s.code, s.at.toISOString()])).to.deep.equal([
      ['remind:-3', '2026-11-06T23:00:00.000Z'], ['remind:0', '2026-11-09T23:00:00.000Z'], ['retry:1', '2026-11-10T23:00:00.000Z'], ['remind:1', '2026-11-10T23:00:00.000Z'], ['retry:6', '2026-11-15T23:00:00.000Z'],
      ['remind:7', '2026-11-16T23:00:00.000Z'], ['warn', '2026-11-16T23:00:00.000Z'], ['retry:9', '2026-11-18T23:00:00.000Z'], ['suspend', '2026-11-19T23:00:00.000Z'], ['retry:29', '2026-12-08T23:00:00.000Z'], ['terminate', '2026-12-09T23:00:00.000Z'],
    ])
  })
  it('follows the shop across a change of clocks', () => {
    const plan = planOf(defaultRules, { dueAt: at('2026-10-20T10:00:00Z'), timeZone: 'Europe/Berlin', serviceTypes: [], remindersOnly: false })
    expect(plan.filter((s) => s.code === 'warn' || s.code === 'remind:1').map((s) => s.at.toISOString())).to.deep.equal(['2026-10-20T22:00:00.000Z', '2026-10-26T23:00:00.000Z'])
  })
  it('gives services their own days, and the others the shop’s', () => {
    const plan = berlin({ ...defaultRules, byServiceType: { game: { warn: 1, suspend: 3, terminate: null } } }, ['vps', 'game'])
    expect(plan.filter((s) => !/remind|retry/.test(s.code)).map((s) => [s.code, s.day])).to.deep.equal([['warn:game', 1], ['suspend:game', 3], ['warn', 7], ['suspend', 10], ['terminate', 30]])
    expect(codes(berlin({ ...defaultRules, byServiceType: { game: { warn: 1, suspend: 3, terminate: 5 } } }, ['game']))).not.to.include('warn')
  })
  it('only reminds of an order that was never paid', () => expect(codes(berlin(defaultRules, ['vps'], true))).to.deep.equal(['remind:-3', 'remind:0', 'remind:1', 'remind:7']))
  it('refuses steps that do not follow each other', () => {
    expect(faultOf(defaultRules)).to.equal(null)
    expect(faultOf({ ...defaultRules, steps: { warn: 10, suspend: 10, terminate: 30 } })).to.be.a('string')
    expect(faultOf({ ...defaultRules, byServiceType: { vps: { warn: null, suspend: 9, terminate: 8 } } })).to.be.a('string')
  })
})

describe('What dunning does now', () => {
  const early = { 'remind:-3': '2026-11-07T00:00:00Z', 'remind:0': '2026-11-10T00:00:00Z', 'remind:1': '2026-11-11T00:00:00Z', 'retry:1': '2026-11-11T00:00:00Z', 'retry:6': '2026-11-16T00:00:00Z' }
  const warned = { ...early, 'remind:7': '2026-11-16T23:00:00Z', warn: '2026-11-16T23:00:00Z', 'retry:9': '2026-11-18T23:00:00Z' }

  it('is nothing a second before midnight, and the step at midnight', () => {
    expect(codes(decide(situation('2026-11-16T22:59:59.999Z', early)).act)).to.deep.equal([])
    expect(codes(decide(situation('2026-11-16T23:00:00Z', early)).act)).to.deep.equal(['warn'])
    expect(codes(decide(situation('2026-11-19T22:59:59.999Z', warned)).act)).to.deep.equal([])
    expect(codes(decide(situation('2026-11-19T23:00:00Z', warned)).act)).to.deep.equal(['suspend'])
    const suspended = { ...warned, suspend: '2026-11-19T23:00:00Z', 'retry:29': '2026-12-08T23:00:00Z' }
    expect(codes(decide(situation('2026-12-09T22:59:59.999Z', suspended)).act)).to.deep.equal([])
    expect(codes(decide(situation('2026-12-09T23:00:00Z', suspended)).act)).to.deep.equal(['terminate'])
  })
  it('says when it looks next', () => {
    expect(decide(situation('2026-11-16T23:00:00Z', early)).nextAt?.toISOString()).to.equal('2026-11-18T23:00:00.000Z')
    expect(decide(situation('2026-12-09T23:00:00Z', { ...warned, suspend: '2026-11-19T23:00:00Z', 'retry:29': '2026-12-08T23:00:00Z' })).nextAt).to.equal(null)
  })
  it('after 20 days of silence warns once, tries the method once, and leaves time before it suspends', () => {
    const late = decide(situation('2026-11-30T08:00:00Z'))
    expect([codes(late.act), codes(late.pass)]).to.deep.equal([['retry:9', 'warn'], ['retry:1', 'retry:6', 'remind:-3', 'remind:0', 'remind:1', 'remind:7']])
    expect(late.nextAt?.toISOString()).to.equal('2026-12-02T08:00:00.000Z')
    const done = Object.fromEntries([...late.act, ...late.pass].map((s) => [s.code, '2026-11-30T08:00:00Z']))
    expect(codes(decide(situation('2026-12-02T07:59:59Z', done)).act)).to.deep.equal([])
    expect(codes(decide(situation('2026-12-02T08:00:00Z', done)).act)).to.deep.equal(['suspend'])
    expect(codes(decide(situation('2026-12-09T23:00:00Z', { ...done, suspend: '2026-12-02T08:00:00Z', 'retry:29': '2026-12-08T23:00:00Z' })).act)).to.deep.equal(['terminate'])
  })
  it('never warns and suspends and ends in one go, even after a year', () => {
    let done: Record<string, string> = {}
    const story: string[][] = []
    for (const now of ['2027-11-01T00:00:00Z', '2027-11-01T01:00:00Z', '2027-11-03T00:00:00Z', '2027-11-05T00:00:00Z']) {
      const { act, pass } = decide(situation(now, done))
      story.push(codes(act))
      done = { ...done, ...Object.fromEntries([...act, ...pass].map((s) => [s.code, now])) }
    }
    expect(story).to.deep.equal([['retry:29', 'warn'], [], ['suspend'], ['terminate']])
  })
  it('suspends nobody whose payment is under way, and waits an hour after the method was tried', () => {
    expect(codes(decide(situation('2026-11-20T08:00:00Z', warned, { paying: true })).act)).to.deep.equal([])
    const justTried = { ...warned, 'retry:9': '2026-11-20T07:30:00Z' }
    expect(decide(situation('2026-11-20T08:00:00Z', justTried))).to.deep.include({ act: [], nextAt: at('2026-11-20T09:00:00Z') })
    expect(codes(decide(situation('2026-11-20T08:30:00Z', justTried)).act)).to.deep.equal(['suspend'])
  })
})

describe('Words of the reseller', () => {
  it('hold the names we know and nothing else', () => {
    expect(faultIn('Hello {{name}}, pay {{ amount }}.')).to.equal(null)
    for (const bad of ['{{password}}', '{{constructor}}', '{{#each this}}', '{{{name}}}', '{{name', 'name}}', '{{lookup . "x"}}']) expect(faultIn(bad), bad).to.be.a('string')
  })
  it('are filled in one pass: a customer called {{amount}} stays that', () => {
    expect(fill('{{name}} owes {{amount}} {{toString}}', { ...exampleValues, name: '{{amount}}' })).to.equal('{{amount}} owes $47.35 {{toString}}')
    expect(paragraphsOf('a\n\nb\r\n\r\n c ')).to.deep.equal(['a', 'b', 'c'])
  })
})
