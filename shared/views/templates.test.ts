import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'chai'
import { Views, viewsRoot } from './engine.js'

const script = path.resolve(viewsRoot, '../scripts/lint-views.mjs')
const { lint } = await import(script) as { lint(file: string, source: string): [number, string][] }
const frame = {
  title: 'Invoices', brand: { name: 'Northwind', legalName: 'Northwind LLC', supportEmail: 'help@northwind.example', themeHref: '/theme.css?v=1' }, locale: 'en-US', timeZone: 'UTC', nonce: 'n', csrfToken: 't', path: '/invoices',
  user: { name: 'Ada', email: 'ada@example.com' }, sandbox: { now: new Date(0) }, impersonation: { name: 'Ada', stopHref: '/stop' }, flash: [{ kind: 'good', text: 'Saved' }], requestId: 'r1',
}

describe('Templates', () => {
  const views = new Views()

  it('keep the rules', () => {
    const run = spawnSync(process.execPath, [script], { encoding: 'utf8' })
    expect(run.stdout).to.match(/^\d{2,} templates, 0 findings$/m)
    expect(run.status).to.equal(0)
  })

  const faults: [string, string, string][] = [
    ['tenant/x.hbs', '<p>{{{name}}}</p>', '{{{'], ['tenant/x.hbs', '<p>{{& name}}</p>', '{{{'], ['parts/x.hbs', '<p style="color:red">', 'inline style'], ['tenant/x.hbs', '<a onclick="x()">', 'event attributes'],
    ['tenant/x.hbs', '<a hx-on:click="x()">', 'hx-on'], ['tenant/x.hbs', '<a hx-vals="js:{a:1}">', 'js: values'], ['tenant/x.hbs', '<a hx-trigger="click[ctrlKey]">', 'filters'], ['tenant/x.hbs', '<script src="/x.js">', 'nonce'],
    ['tenant/x.hbs', '<style>p{}</style>', 'style element'], ['tenant/x.hbs', '<a href="{{url}}">', 'safeUrl'], ['tenant/x.hbs', '\n\nby EZSCALE', 'platform'], ['layouts/tenant.hbs', 'ezscale', 'platform'],
  ]
  for (const [file, source, rule] of faults) it(`may not say ${JSON.stringify(source)} in ${file}`, () => expect(lint(file, source).map(([, name]) => name).join()).to.include(rule))

  it('may say the same where it is allowed, and the finding names its line', () => {
    expect(lint('layouts/x.hbs', '{{{body}}}<style nonce="n"></style><script nonce="n"></script>')).to.deep.equal([])
    expect(lint('central/x.hbs', '{{!-- style="x" --}}<a href="{{safeUrl url}}">EZSCALE</a><p class="on style">one = two</p>')).to.deep.equal([])
    expect(lint('tenant/x.hbs', '\n\nby EZSCALE')).to.deep.equal([[3, 'a shop never names the platform']])
  })

  for (const layout of ['tenant', 'tenant-auth', 'error', 'mail', 'print']) {
    it(`of a shop never name the platform: ${layout}`, () => {
      for (const user of [frame.user, null]) {
        const html = views.render('styleguide/error', { ...frame, user, layout })
        expect(html).to.match(/<title>Invoices( · Northwind)?<\/title>/).and.not.match(/ezscale/i)
      }
    })
  }

  it('carry no inline style, no handler and no script without a nonce', () => {
    for (const layout of ['tenant', 'tenant-auth', 'console', 'reseller', 'platform', 'error']) {
      const html = views.render('styleguide/error', { ...frame, layout })
      expect(html, layout).to.not.match(/\sstyle=|\son[a-z]+=/).and.not.match(/<script(?![^>]*nonce="n")/)
      expect(html.length, layout).to.be.below(50 * 1024)
    }
  })

  it('show the sandbox clock and whose eyes one looks through', () => {
    const html = views.render('styleguide/error', { ...frame, layout: 'tenant' })
    expect(html).to.include('The clock here says').and.include('Jan 1, 1970').and.include('You are looking at this shop as')
  })
})
