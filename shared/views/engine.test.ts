import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import express from 'express'
import { handlebarsEngine, TemplateError, Views } from './engine.js'
import { helpers } from './template-helpers.js'

describe('The template engine', () => {
  let root: string
  const write = (name: string, text: string): void => {
    const file = path.join(root, `${name}.hbs`)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const render = (name: string, locals: Record<string, unknown> = {}): string => new Views(root).render(name, locals)

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'views-'))
    write('layouts/plain', '<title>{{title}}</title>{{{body}}}')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('puts a page into its layout', () => {
    write('shop/show', '<p>{{name}}</p>')
    expect(render('shop/show', { layout: 'plain', title: 'Shop', name: 'Ada' })).to.equal('<title>Shop</title><p>Ada</p>')
  })

  it('renders a fragment bare, and a page with layout: false', () => {
    write('shop/_row', '<i>{{n}}</i>')
    write('shop/show', '{{> shop/_row}}')
    expect(render('shop/_row', { layout: 'plain', n: 1 })).to.equal('<i>1</i>')
    expect(render('shop/show', { layout: false, n: 2 })).to.equal('<i>2</i>')
  })

  it('escapes what comes from people, also inside attributes', () => {
    write('shop/show', '<a title="{{name}}">{{name}}</a>')
    expect(render('shop/show', { layout: false, name: '"><script>alert(1)</script>' })).to.not.include('<script>').and.not.include('""')
  })

  it('refuses a page that names no layout, an unknown layout and an unknown page', () => {
    write('shop/show', 'x')
    expect(() => render('shop/show')).to.throw(TemplateError, 'names no layout')
    expect(() => render('shop/show', { layout: 'nope' })).to.throw(TemplateError, 'views/layouts/nope.hbs: does not exist')
    expect(() => render('nope')).to.throw(TemplateError, 'does not exist')
  })

  it('refuses at start a template that does not parse or calls an unknown helper', () => {
    write('shop/broken', '{{#if}}')
    expect(() => new Views(root)).to.throw(TemplateError, 'views/shop/broken.hbs')
    write('shop/broken', '{{shout name}}')
    expect(() => new Views(root)).to.throw(TemplateError, 'shout')
  })

  it('compiles in tests what is rendered, with its parts, and says then what is wrong', () => {
    write('shop/broken', '{{#if}}')
    write('parts/box', '<b>{{title}}</b>')
    write('shop/show', '{{> parts/box title="T"}}')
    const lazy = new Views(root, false, true)
    expect(lazy.render('shop/show', { layout: false })).to.equal('<b>T</b>')
    expect(() => lazy.render('shop/broken', { layout: false })).to.throw(TemplateError, 'views/shop/broken.hbs')
  })

  it('shows parts only what is handed to them, and their content the page', () => {
    write('parts/box', '<b>{{title}}|{{secret}}|{{@root.secret}}|{{#if filled}}{{> @partial-block caller}}{{/if}}</b>')
    write('shop/show', '{{> parts/box title="T"}}{{#> parts/box title="U"}}{{secret}}{{/parts/box}}')
    expect(render('shop/show', { layout: false, secret: 's', title: 'page' })).to.equal('<b>T||s|</b><b>U||s|s</b>')
  })

  it('reads {{number}} as the page’s own value although a helper has that name', () => {
    write('shop/show', '{{number}} {{number 1200}} {{money total}}')
    expect(render('shop/show', { layout: false, number: 'INV-7', total: { minor: 5, currency: 'USD' } })).to.equal('INV-7 1,200 $0.05')
  })

  it('reads "a and b" as no when a is nothing at all', () => {
    const and = (...values: unknown[]): unknown => (helpers['and'] as (...args: unknown[]) => unknown)(...values, {})
    expect([and(null, true), and(undefined, 'x'), and('', 'x'), and('x', false)].some(Boolean)).to.equal(false)
    expect([and('x', 'y'), and(true, 0)]).to.deep.equal(['y', 0])
  })

  it('marks one menu entry: the page, else what it lies below, but not beside an entry of its own', () => {
    write('menu', '<a{{current "/desk"}}>1</a><a{{current "/desk" except="/desk/prices"}}>2</a><a{{current "/desk" exact=true}}>3</a><a{{current "/desk/prices"}}>4</a>')
    const marked = (path: string): string[] => [...render('menu', { layout: false, path }).matchAll(/<a aria-current="\w+">(\d)/g)].map((m) => m[1]!)
    expect(marked('/desk/prices')).to.deep.equal(['1', '4'])
    expect(marked('/desk/other')).to.deep.equal(['1', '2'])
    expect(marked('/desk')).to.deep.equal(['1', '2', '3'])
  })

  it('does not reach into prototypes', () => {
    write('shop/show', '{{constructor.name}}{{__proto__}}{{x.secret}}')
    class Row { get secret(): string { return 'leak' } }
    expect(render('shop/show', { layout: false, x: new Row() })).to.equal('')
  })

  it('refuses attributes that run code', () => {
    write('shop/show', '{{attrs given}}')
    expect(render('shop/show', { layout: false, given: { 'hx-post': '/x"', 'data-id': 7, hidden: true, title: null } })).to.equal(' hx-post="/x&quot;" data-id="7" hidden')
    for (const name of ['onclick', 'style', 'hx-on:click', 'data-hx-on', 'x-html', 'x"y']) expect(() => render('shop/show', { layout: false, given: { [name]: 'x' } }), name).to.throw('is not allowed')
  })

  it('cannot be left by data in a JSON block', () => {
    write('shop/show', '{{json "d" data}}')
    const html = render('shop/show', { layout: false, nonce: 'n', data: ['</script><script>alert(1)//', '\u2028'] })
    expect(html.match(/<\/script>/g)).to.have.length(1)
    expect(JSON.parse(/>(.*)<\/script>/.exec(html)![1]!)).to.deep.equal(['</script><script>alert(1)//', '\u2028'])
  })

  it('picks up changed, new and deleted files in development, and only there', () => {
    write('shop/show', 'one')
    const [live, fixed] = [new Views(root, true), new Views(root)]
    expect(live.render('shop/show', { layout: false })).to.equal('one')
    write('shop/show', 'another')
    write('shop/_new', 'new')
    expect(live.render('shop/show', { layout: false })).to.equal('another')
    expect(live.render('shop/_new', {})).to.equal('new')
    expect(fixed.render('shop/show', { layout: false })).to.equal('one')
    rmSync(path.join(root, 'shop/_new.hbs'))
    expect(() => live.render('shop/_new', {})).to.throw(TemplateError)
  })

  it('serves express', async () => {
    write('shop/show', '{{word}}')
    const app = express()
    app.locals['layout'] = 'plain'
    handlebarsEngine(app, { root })
    const html = await new Promise((done, fail) => app.render('shop/show', { word: 'hello' }, (error: Error | null, text: string) => (error ? fail(error) : done(text))))
    expect(html).to.include('hello')
  })
})
