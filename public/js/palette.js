/* The command palette of console and reseller area (Ctrl/Cmd+K), and single keys: / search, g then a letter to jump, ? for help. Single keys can be turned off. */
document.addEventListener('alpine:init', () => {
  'use strict'
  const keysOff = () => localStorage.getItem('keys') === 'off'

  window.Alpine.data('palette', () => ({
    query: '', items: [], more: [], found: [], chosen: 0, help: false, singleKeys: !keysOff(), waitingForGo: false,

    init() {
      this.items = [...document.querySelectorAll('.side-nav a')].map((a) => ({ label: a.textContent.trim(), href: a.getAttribute('href'), kind: 'Page', go: a.dataset.go ?? '' }))
      this.found = this.items
      document.addEventListener('keydown', (event) => this.key(event))
      document.addEventListener('click', (event) => { if (event.target.closest('[data-palette-open]')) this.open() })
      this.$root.addEventListener('click', (event) => { if (event.target === this.$root) this.$root.close() })
    },

    open() {
      this.help = false
      this.query = ''
      this.search()
      this.ask()
      if (!this.$root.open) this.$root.showModal()
      this.$refs.input.focus()
    },
    showKeys() {
      this.help = true
      if (!this.$root.open) this.$root.showModal()
    },

    key(event) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return this.$root.open ? this.$root.close() : this.open()
      }
      const typing = event.target.closest('input,select,textarea,[contenteditable],dialog')
      if (typing || !this.singleKeys || event.ctrlKey || event.metaKey || event.altKey) return
      if (this.waitingForGo) return this.go(event)
      if (event.key === '?') { event.preventDefault(); this.showKeys() }
      if (event.key === '/') this.focusSearch(event)
      if (event.key === 'g') { this.waitingForGo = true; setTimeout(() => { this.waitingForGo = false }, 1500) }
    },
    go(event) {
      this.waitingForGo = false
      const item = this.items.find((i) => i.go && i.go === event.key)
      if (item) location.assign(item.href)
    },
    focusSearch(event) {
      const field = document.querySelector('main input[type="search"]')
      event.preventDefault()
      if (field) field.focus()
      else this.open()
    },

    search() {
      const known = new Set(this.items.map((i) => i.href))
      this.show(this.matching([...this.items, ...this.more.filter((i) => !known.has(i.href))]))
    },
    /** Everything this person may jump to; asked anew at each opening, searched here. */
    async ask() {
      try {
        const answer = await fetch(this.$root.dataset.src, { headers: { Accept: 'application/json' } })
        if (!answer.ok) return
        this.more = await answer.json()
        this.search()
      } catch { /* the pages of the menu remain */ }
    },
    matching(list) {
      const words = this.query.toLowerCase().split(/\s+/).filter(Boolean)
      return list.filter((i) => words.every((w) => `${i.label} ${i.kind ?? ''} ${i.words ?? ''}`.toLowerCase().includes(w)))
    },
    show(list) {
      this.found = list.slice(0, 30)
      this.chosen = 0
    },
    move(step) {
      if (this.found.length) this.chosen = (this.chosen + step + this.found.length) % this.found.length
      this.$nextTick(() => this.$root.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }))
    },
    run() {
      const item = this.found[this.chosen]
      if (item && /^(https?:\/\/|\/(?!\/))/.test(item.href)) location.assign(item.href)
    },
    pick(index) { this.chosen = index; this.run() },
    hover(index) { this.chosen = index },
    isChosen(index) { return index === this.chosen },
    optionId(index) { return `palette-${index}` },
    activeId() { return this.found.length ? `palette-${this.chosen}` : '' },
    nothing() { return this.found.length === 0 },
    toggleKeys() {
      this.singleKeys = !this.singleKeys
      localStorage.setItem('keys', this.singleKeys ? 'on' : 'off')
    },
  }))
})
