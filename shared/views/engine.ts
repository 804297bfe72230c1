/**
 * Our own Handlebars engine. A template's name is its path under `views` without `.hbs`, and every template is also a partial by that name.
 * Compiled once at boot (never in the browser); in development a changed file is compiled again at the next render, in tests each file when it is first needed.
 * A template whose file name begins with `_` is a fragment and renders without a layout. Templates under `parts/` are sealed:
 * they see only the parameters handed to them (and `@root`), never the page's own names; block content sees the page.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import Handlebars from 'handlebars'
import type { Application } from 'express'
import { config } from '../config.js'
import { known, PartSealer } from './part-sealer.js'
import { helpers } from './template-helpers.js'

export const viewsRoot = path.resolve(import.meta.dirname, '../../views')

export interface EngineOptions {
  /** Folder of the templates. */
  root?: string
  /** Look for changed files before each render. Default: in development. */
  reload?: boolean
}
export type Locals = Record<string, unknown>

/** A template that does not exist, does not parse, or names no layout. A bug of ours, never of the visitor. */
export class TemplateError extends Error {
  constructor(readonly template: string, message: string, cause?: unknown) {
    super(`views/${template}.hbs: ${message}`, { cause })
    this.name = 'TemplateError'
  }
}

/** Compiled templates of one folder. */
export class Views {
  private readonly hb = Handlebars.create()
  private readonly compiled = new Map<string, { render: Handlebars.TemplateDelegate; stamp: string }>()

  /** `lazy`: a template is compiled when it is first rendered, and only then its faults show. */
  constructor(private readonly root = viewsRoot, private readonly reload = false, private readonly lazy = false) {
    this.hb.registerHelper(helpers)
    this.load()
  }

  names(): string[] {
    return [...this.compiled.keys()].sort()
  }

  /**
   * Renders a template inside its layout. `locals.layout` names one under `layouts/`; `false` asks for the bare template.
   * Throws TemplateError when the template is missing, or is a page and names no layout.
   */
  render(name: string, locals: Locals): string {
    if (this.reload) this.load()
    const body = this.template(name)(locals)
    const layout = path.basename(name).startsWith('_') ? false : locals['layout']
    if (layout === false) return body
    if (typeof layout !== 'string') throw new TemplateError(name, 'names no layout; set `layout` in app.locals, or layout: false')
    return this.template(`layouts/${layout}`)({ ...locals, body })
  }

  private template(name: string): Handlebars.TemplateDelegate {
    const found = this.compiled.get(name)
    if (!found) throw new TemplateError(name, 'does not exist')
    return found.render
  }

  /** Compiles what is new or changed and forgets what is gone. */
  private load(): void {
    const files = readdirSync(this.root, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.hbs'))
    const seen = new Set<string>()
    for (const file of files) {
      const name = file.slice(0, -4).replaceAll(path.sep, '/')
      const facts = statSync(path.join(this.root, file))
      const stamp = `${facts.mtimeMs}.${facts.size}`
      seen.add(name)
      if (this.compiled.get(name)?.stamp === stamp) continue
      const compile = (): Handlebars.TemplateDelegate => this.compile(name, readFileSync(path.join(this.root, file), 'utf8'))
      const render = this.lazy ? whenNeeded(compile) : compile()
      this.compiled.set(name, { render, stamp })
      this.hb.registerPartial(name, render)
    }
    for (const name of this.compiled.keys()) if (!seen.has(name)) { this.compiled.delete(name); this.hb.unregisterPartial(name) }
  }

  private compile(name: string, source: string): Handlebars.TemplateDelegate {
    try {
      const ast = Handlebars.parse(source)
      new PartSealer().accept(ast)
      const code = this.hb.precompile(ast, { knownHelpers: known, knownHelpersOnly: true, preventIndent: true }) as string
      return this.hb.template(new Function(`return ${code}`)() as TemplateSpecification)
    } catch (error) {
      throw new TemplateError(name, error instanceof Error ? error.message : String(error), error)
    }
  }
}

function whenNeeded(compile: () => Handlebars.TemplateDelegate): Handlebars.TemplateDelegate {
  let made: Handlebars.TemplateDelegate | undefined
  return (context, options) => (made ??= compile())(context, options)
}

let shared: Views | undefined
/** The templates of this process. */
export function views(): Views {
  return (shared ??= new Views(viewsRoot, config().NODE_ENV === 'development', config().NODE_ENV === 'test'))
}

/** Renders outside a request: letters (`layout: 'mail'`), documents (`layout: 'print'`), fragments. */
export function renderView(name: string, locals: Locals): string {
  return views().render(name, locals)
}

/** Makes `res.render('tenant/kasm/show', locals)` work. Express merges app.locals and res.locals in. */
export function handlebarsEngine(app: Application, options: EngineOptions = {}): Views {
  const root = options.root ?? viewsRoot
  const engine = options.root === undefined && options.reload === undefined ? views() : new Views(root, options.reload ?? false)
  app.engine('hbs', (file: string, locals: object, done: (error: unknown, html?: string) => void) => {
    let html: string
    try {
      html = engine.render(path.relative(root, file).slice(0, -4).replaceAll(path.sep, '/'), locals as Locals)
    } catch (error) {
      return done(error)
    }
    done(null, html)
  })
  app.set('view engine', 'hbs')
  app.set('views', root)
  return engine
}
