/** What the timetable runs for payments: every state that waits has its sweeper here. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { topUpDipped } from './top-ups/auto-top-up.js'
import { remindOfDisputes } from './disputes/remind-disputes.js'
import { resolveDueAnswers } from './disputes/resolve-answer.js'
import { collectDue } from './collect-due.js'
import { sweepPayLinks } from './pay-link.js'
import { resumeWebhooks } from './webhooks/process-webhook.js'
import { resolveDuePayments } from './resolve-payment.js'
import { resolveDueRefunds } from './refunds/resolve-refund.js'

schedule({ name: 'payments.resolve-due', every: '1 minute', scope: 'tenant', run: resolveDuePayments })
schedule({ name: 'payments.resolve-due-refunds', every: '1 minute', scope: 'tenant', run: resolveDueRefunds })
schedule({ name: 'disputes.resolve-due-answers', every: '1 minute', scope: 'tenant', run: resolveDueAnswers })
schedule({ name: 'disputes.remind', every: '10 minutes', scope: 'tenant', run: remindOfDisputes })
schedule({ name: 'payments.resume-webhooks', every: '1 minute', scope: 'tenant', run: resumeWebhooks })
schedule({ name: 'payments.collect-due', every: '10 minutes', scope: 'tenant', run: collectDue })
schedule({ name: 'payments.top-up-dipped', every: '10 minutes', scope: 'tenant', run: topUpDipped })
schedule({ name: 'payments.sweep-pay-links', every: '1 day', scope: 'tenant', run: sweepPayLinks })
