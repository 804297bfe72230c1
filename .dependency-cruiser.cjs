// The import law (see STYLE.md). `npm run lint` fails when a rule is broken or when no module was looked at.
const tests = '(\\.test|\\.contract)\\.ts$|/testing/|/scenarios/'
const order = (app, features) => features.map((feature, i) => ({
  name: `${app}-${feature}-points-down`, severity: 'error', comment: 'Features point down: a call goes down, an event goes up.',
  from: { path: `^${app}/${feature}/`, pathNot: tests }, to: { path: `^${app}/(${features.slice(i + 1).join('|')})/` },
})).filter((rule) => !rule.to.path.endsWith('/()/'))
const door = (sdk, path) => ({ name: `door-${sdk.replace(/\W/g, '-')}`, severity: 'error', comment: 'An SDK is imported by its door only.', from: { pathNot: `${path}|${tests}|^scripts/` }, to: { path: `^node_modules/${sdk}` } })

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'shared-knows-nobody', severity: 'error', from: { path: '^shared/' }, to: { path: '^(tenant|central|scripts)/' } },
    { name: 'tenant-knows-no-central', severity: 'error', from: { path: '^tenant/' }, to: { path: '^(central|scripts)/' } },
    { name: 'central-knows-no-scripts', severity: 'error', from: { path: '^central/', pathNot: tests }, to: { path: '^scripts/' } },
    { name: 'simulators-only-for-tests-and-demo', severity: 'error', from: { pathNot: `${tests}|^scripts/|^shared/(simulators|testing)/` }, to: { path: '^shared/(simulators|testing)/' } },
    { name: 'role-files-are-private', severity: 'error', comment: 'routes, forms, pages, jobs and mailer belong to their feature; app.ts mounts, timetable.ts schedules.',
      from: { path: '^(tenant|central)/([^/]+)/', pathNot: `${tests}` }, to: { path: '/(routes|forms|pages|mailer)[.]ts$', pathNot: '^$1/$2/' } },
    ...order('tenant', ['settings', 'customers', 'notifications', 'auth', 'catalog', 'billing', 'services', 'kasm', 'ordering', 'dashboard']),
    ...order('central', ['access', 'staff', 'members', 'resellers', 'branding', 'domains', 'wholesale', 'backoffice', 'console', 'reseller-home', 'site']),
    door('stripe/', '^shared/payments/'), door('@paypal/', '^shared/payments/'), door('puppeteer', '^shared/pdf/'), door('agenda/', '^shared/jobs/'), door('@agendajs/', '^shared/jobs/'), door('nodemailer/', '^shared/mail/'),
    door('mysql2/', '^shared/(database|tenancy)/'),
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, exclude: { path: '^shared/simulators/mongo' } },
}
