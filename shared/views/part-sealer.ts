/** What makes a template's calls of `parts/…` see nothing but what is handed to them. */
import Handlebars from 'handlebars'
import { helpers } from './template-helpers.js'

/** Names that a template may call. */
export const known = Object.fromEntries(Object.keys(helpers).map((name) => [name, true])) as unknown as KnownHelpers

/**
 * Rewrites calls of `parts/…`: an empty context instead of the page's, and `caller` so that block content still sees the page,
 * and `filled` to ask whether there is a block (`{{#if @partial-block}}` would run it).
 * A bare `{{number}}` is the page's own value, never the helper of that name; only `csrf` is called without arguments.
 */
export class PartSealer extends Handlebars.Visitor {
  override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
    const path = mustache.path as hbs.AST.PathExpression
    const bare = path.type === 'PathExpression' && path.parts.length === 1 && !mustache.params.length && !mustache.hash?.pairs.length
    if (bare && path.original !== 'csrf' && path.original in known) path.original = `this.${path.original}`
    super.MustacheStatement(mustache)
  }

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    seal(partial)
    super.PartialStatement(partial)
  }

  override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
    if (seal(partial)) {
      const loc = partial.loc
      const self = { type: 'PathExpression', data: false, depth: 0, parts: [], original: 'this', loc } as hbs.AST.PathExpression
      partial.hash ??= { type: 'Hash', pairs: [], loc }
      const yes = { type: 'BooleanLiteral', value: true, original: true, loc } as hbs.AST.BooleanLiteral
      partial.hash.pairs.push({ type: 'HashPair', key: 'caller', value: self, loc }, { type: 'HashPair', key: 'filled', value: yes, loc })
    }
    super.PartialBlockStatement(partial)
  }
}

function seal(partial: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement): boolean {
  const name = partial.name.type === 'PathExpression' ? (partial.name as hbs.AST.PathExpression).original : ''
  if (!name.startsWith('parts/')) return false
  if (!partial.params.length) partial.params.push({ type: 'UndefinedLiteral', original: undefined, value: undefined, loc: partial.loc } as hbs.AST.UndefinedLiteral)
  return true
}
