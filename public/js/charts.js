/* Draws every canvas[data-chart] from the JSON block of that id, in the page's colours; again when the theme changes. The table below says the same. */
(() => {
  'use strict'
  if (window.ezCharts) return window.ezCharts()
  const drawn = new Map()
  const probe = (name) => {
    const element = document.createElement('i')
    element.style.color = `var(${name})`
    document.body.append(element)
    const colour = getComputedStyle(element).color
    element.remove()
    return colour
  }
  const faded = (colour, alpha) => colour.replace(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+).*$/, `rgba($1,$2,$3,${alpha})`)

  /* An axis speaks as the page does: Nov 3 for a day of the calendar, a unit of letters behind its number. */
  const dayText = (label) => (/^\d{4}-\d\d-\d\d$/.test(label) ? new Date(`${label}T00:00:00Z`).toLocaleDateString(document.documentElement.lang || 'en', { day: 'numeric', month: 'short', timeZone: 'UTC' }) : label)
  const unitText = (unit, value) => (!unit ? value : /^[a-z%]/i.test(unit) ? `${value} ${unit}` : `${unit}${value}`)

  function draw(canvas) {
    const data = JSON.parse(document.getElementById(canvas.dataset.chart)?.textContent ?? 'null')
    if (!data) return
    drawn.get(canvas)?.destroy()
    const tones = [probe('--brand-text'), probe('--accent-text'), probe('--ink-3'), probe('--warn')]
    const [ink, line] = [probe('--ink-2'), probe('--line')]
    const family = getComputedStyle(document.body).fontFamily
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const bar = data.type === 'bar'
    drawn.set(canvas, new window.Chart(canvas, {
      type: bar ? 'bar' : 'line',
      data: {
        labels: data.labels.map(dayText),
        datasets: data.series.map((s, i) => ({
          label: s.name, data: s.values, borderColor: tones[i % 4], backgroundColor: bar ? tones[i % 4] : faded(tones[i % 4], 0.1), fill: !bar && i === 0,
          borderWidth: bar ? 0 : 2, borderRadius: bar ? 5 : 0, maxBarThickness: 34, tension: 0.3, pointRadius: 0, pointHoverRadius: 4, borderDash: i > 1 ? [5, 4] : [],
        })),
      },
      options: {
        maintainAspectRatio: false, animation: still ? false : { duration: 250 }, interaction: { mode: 'index', intersect: false },
        plugins: { legend: { display: data.series.length > 1, align: 'start', labels: { color: ink, usePointStyle: true, boxHeight: 6, font: { family, size: 12 } } }, tooltip: { titleFont: { family }, bodyFont: { family } } },
        scales: {
          x: { grid: { display: false }, border: { color: line }, ticks: { color: ink, font: { family, size: 11 }, maxRotation: 0, autoSkipPadding: 16 } },
          y: { beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { color: ink, font: { family, size: 11 }, maxTicksLimit: 5, callback: (v) => unitText(data.unit, v) } },
        },
      },
    }))
  }
  window.ezCharts = () => document.querySelectorAll('canvas[data-chart]').forEach((c) => { if (!drawn.has(c)) draw(c) })
  document.addEventListener('theme', () => document.querySelectorAll('canvas[data-chart]').forEach(draw))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.querySelectorAll('canvas[data-chart]').forEach(draw))
  window.ezCharts()
})()
