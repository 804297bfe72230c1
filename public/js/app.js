/* Small comforts on top of pages that work without them. No framework; every listener is delegated, so swapped-in parts need no set-up. */
(() => {
  'use strict'
  const $ = (selector, root = document) => root.querySelector(selector)
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
  const html = document.documentElement

  /* ---- colours ---- */
  function chooseTheme(theme) {
    html.dataset.theme = theme
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`
    for (const button of $$('[data-theme-switch] button')) button.setAttribute('aria-pressed', String(button.value === theme))
    document.dispatchEvent(new CustomEvent('theme'))
  }

  /* ---- toasts ---- */
  function toast(kind, text) {
    const urgent = kind === 'bad'
    const box = $(urgent ? '#toasts-urgent' : '#toasts')
    if (!box || !text) return
    const item = document.createElement('div')
    item.className = `toast toast-${['good', 'bad', 'info'].includes(kind) ? kind : 'info'}`
    const line = document.createElement('p')
    line.textContent = text
    item.append(line)
    box.append(item)
  }
  /** Toasts leave by themselves, also those the server sent; the same sentence is not shown twice. */
  for (const box of $$('.toasts')) {
    new MutationObserver((changes) => {
      for (const item of changes.flatMap((c) => [...c.addedNodes]).filter((n) => n.nodeType === 1)) {
        for (const other of [...box.children]) if (other !== item && other.textContent === item.textContent) other.remove()
        setTimeout(() => item.remove(), box.id === 'toasts-urgent' ? 12000 : 6000)
      }
    }).observe(box, { childList: true })
  }
  function announce(text) {
    const box = $('#announce')
    if (box) box.textContent = text
  }

  /* ---- copy ---- */
  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy)
      button.title = 'Copied'
      announce('Copied')
      toast('good', 'Copied')
    } catch {
      toast('bad', 'Your browser did not let us copy. Select the text and copy it yourself.')
    }
  }

  /* ---- one submit is one submit ---- */
  function busy(button, on) {
    if (!button) return
    if (on) {
      button.style.minWidth = `${button.offsetWidth}px`
      button.setAttribute('aria-busy', 'true')
    } else {
      button.style.minWidth = ''
      button.removeAttribute('aria-busy')
    }
  }
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (form.matches('[data-theme-switch]')) {
      event.preventDefault()
      if (event.submitter) chooseTheme(event.submitter.value)
      return
    }
    if (event.defaultPrevented || form.method === 'dialog' || form.method === 'get') return
    if (form.dataset.sent) return event.preventDefault()
    // A form that opens another tab leaves this page as it is: free it again.
    if (form.target && form.target !== '_self') setTimeout(() => { delete form.dataset.sent; busy(event.submitter, false) }, 2000)
    form.dataset.sent = 'yes'
    busy(event.submitter, true)
  })
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    for (const form of $$('form[data-sent]')) delete form.dataset.sent
    for (const button of $$('[aria-busy]')) busy(button, false)
  })

  /* ---- clicks ---- */
  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-copy],[data-dismiss],[data-dialog],[data-dialog-close]')
    for (const menu of $$('details[data-menu][open]')) if (!menu.contains(event.target)) menu.open = false
    if (!target) return
    if (target.matches('[data-copy]')) void copy(target)
    else if (target.matches('[data-dismiss]')) target.closest('.alert')?.remove()
    else if (target.matches('[data-dialog-close]')) target.closest('dialog')?.close()
    else {
      const dialog = document.getElementById(target.dataset.dialog)
      if (!dialog?.showModal || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      dialog.showModal()
    }
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    for (const menu of $$('details[data-menu][open]')) {
      menu.open = false
      $('summary', menu)?.focus()
    }
  })

  /* ---- clocks and costs: the same quarter hours as the bill ---- */
  const offsets = new WeakMap()
  function serverNow(element) {
    const said = element.dataset.serverNow
    let known = offsets.get(element)
    if (known?.said !== said) offsets.set(element, known = { said, offset: Date.parse(said) - Date.now() })
    return Date.now() + known.offset
  }
  /** Whole quarter hours begun, priced, rounded half away from zero to minor units. BigInt: no cent is lost to floats. */
  function costMinor(seconds, micros, decimals) {
    const quarters = BigInt(Math.ceil(Math.max(0, seconds) / 900))
    const scaled = quarters * BigInt(micros) * 10n ** BigInt(decimals)
    return (2n * scaled + 4000000n) / 8000000n
  }
  /** Begun quarter hours, less those in which nobody saw it run. More than three minutes after the last sighting no further one is counted. */
  function chargedSeconds({ startedAt, seenAt, uncharged }, now) {
    const begun = Math.max(0, Math.ceil((now - Date.parse(startedAt)) / 900000))
    const unseen = seenAt && now - Date.parse(seenAt) > 180000
    const certain = unseen ? Math.min(begun, Math.floor((Date.parse(seenAt) - Date.parse(startedAt)) / 900000) + 1) : begun
    return Math.max(0, certain * 900 - Number(uncharged ?? 0))
  }
  window.ezCharged = chargedSeconds
  function writeMoney(minor, currency, locale) {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency })
    const decimals = format.resolvedOptions().maximumFractionDigits
    const digits = minor.toString().padStart(decimals + 1, '0')
    return format.format(decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits)
  }
  function writeDuration(seconds) {
    const whole = Math.max(0, Math.floor(seconds))
    const two = (n) => String(n).padStart(2, '0')
    return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
  }
  function tick() {
    for (const element of $$('[data-cost]')) {
      const { rateMicros, currency, locale } = element.dataset
      const seconds = chargedSeconds(element.dataset, serverNow(element))
      if (!Number.isFinite(seconds) || !rateMicros) continue
      const decimals = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
      const text = writeMoney(costMinor(seconds, rateMicros, decimals), currency, locale)
      if (element.textContent !== text) element.textContent = text
    }
    for (const element of $$('[data-elapsed]')) {
      const seconds = (serverNow(element) - Date.parse(element.dataset.startedAt)) / 1000
      if (Number.isFinite(seconds)) element.textContent = writeDuration(seconds)
    }
  }
  window.ezCost = costMinor

  /* ---- what is only useful with scripts ---- */
  function enhance(root) {
    for (const element of $$('[data-copy][hidden],[data-dismiss][hidden],[data-palette-open][hidden]', root)) element.hidden = false
    for (const element of $$('time[data-local]', root)) element.textContent = new Date(element.dateTime).toLocaleString(html.lang || undefined, { dateStyle: 'medium', timeStyle: 'short' })
  }

  /* ---- htmx ---- */
  document.addEventListener('htmx:config:request', (event) => {
    const token = $('meta[name="csrf-token"]')?.content
    if (token) event.detail.ctx.request.headers['X-CSRF-Token'] = token
  })
  document.addEventListener('htmx:before:request', (event) => busy(event.detail.ctx.request.submitter, true))
  document.addEventListener('htmx:finally:request', (event) => busy(event.detail.ctx.request.submitter, false))
  document.addEventListener('htmx:after:swap', (event) => {
    enhance(document)
    tick()
    const target = event.detail.ctx.target
    const focus = $('[data-focus]', target ?? document) ?? (target === document.body || target?.id === 'main' ? $('[data-heading]') : null)
    focus?.focus()
  })
  document.addEventListener('htmx:error', () => toast('bad', 'We could not reach the server. Check your connection and try again.'))
  document.addEventListener('toast', (event) => toast(event.detail.kind, event.detail.text ?? event.detail.value))

  enhance(document)
  tick()
  setInterval(tick, 1000)
  $('[data-focus]')?.focus()
})()
