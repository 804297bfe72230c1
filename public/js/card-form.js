/* The gateway's own card form inside our page (only with the real gateway). The card number goes from its frame to the gateway, never through us. */
const form = document.querySelector('[data-card-form]')
if (form && window.Stripe) {
  const button = form.querySelector('button')
  const problem = form.querySelector('[data-card-error]')
  const fields = form.querySelector('[data-card-fields]')
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches && document.documentElement.dataset.theme !== 'light'
  const stripe = window.Stripe(form.dataset.key)
  const elements = stripe.elements({ clientSecret: form.dataset.secret, appearance: { theme: dark ? 'night' : 'stripe' } })
  const card = elements.create('payment')
  fields.replaceChildren()
  card.mount(fields)
  card.on('ready', () => { button.disabled = false })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.disabled = true
    problem.hidden = true
    const { error } = await stripe.confirmSetup({ elements, confirmParams: { return_url: form.dataset.return } })
    problem.textContent = error ? error.message : ''
    problem.hidden = !error
    button.disabled = false
  })
} else if (form) {
  form.querySelector('[data-card-error]').textContent = 'The card form could not be loaded. Check your connection and reload this page.'
  form.querySelector('[data-card-error]').hidden = false
}
