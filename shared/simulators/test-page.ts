/** The pages that a simulated gateway shows to a customer: card form, bank, approval. They work without JavaScript. */

export type PageAnswer = { status: number; html: string } | { redirect: string }
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** One look for all of them. `body` is trusted. */
export function testPage(title: string, body: string, status = 200): PageAnswer {
  return { status, html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>
:root{color-scheme:light dark}body{font:16px/1.45 system-ui,sans-serif;max-width:52rem;margin:1.5rem auto;padding:0 1rem}h1{font-size:1.6rem;margin:0 0 .5rem}fieldset{border:0;padding:0;margin:1rem 0 0;display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5rem,1fr));gap:.5rem}
legend{padding:0 0 .5rem;font-weight:600}label{display:block;border:1px solid #8886;border-radius:.5rem;padding:.5rem .7rem;cursor:pointer}label:has(:checked){border-color:#1d4ed8;outline:1px solid #1d4ed8}button{font:inherit;padding:.6rem 1rem;margin:1rem .5rem 0 0;border-radius:.4rem;border:1px solid #5558;cursor:pointer}.main{background:#1d4ed8;color:#fff;border-color:#1d4ed8}
.error{border-left:4px solid #b91c1c;padding-left:.8rem}.note{color:color-mix(in srgb,CanvasText 72%,Canvas);font-size:.9rem}a{color:LinkText}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}<p class="note">Test mode. No real card or money is involved.</p></main></body></html>` }
}
