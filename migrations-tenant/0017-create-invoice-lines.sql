create table if not exists invoice_lines (
  id bigint unsigned not null auto_increment primary key,
  invoice_id bigint unsigned not null,
  business_key varchar(120) character set ascii collate ascii_bin not null unique,
  kind varchar(16) not null,
  service_id bigint unsigned null,
  subscription_id bigint unsigned null,
  description varchar(500) not null,
  quantity_seconds bigint unsigned null,
  quantity int unsigned null,
  rate_micros bigint null,
  amount_minor bigint not null,
  tax_minor bigint not null default 0,
  period_start datetime(3) null,
  period_end datetime(3) null,
  detail json not null,
  sort_order int not null default 0,
  created_at datetime(3) not null,
  unique key invoice_lines_period (subscription_id, kind, period_start),
  key invoice_lines_invoice (invoice_id, sort_order),
  key invoice_lines_service (service_id),
  constraint invoice_lines_invoice_fk foreign key (invoice_id) references invoices (id),
  constraint invoice_lines_service_fk foreign key (service_id) references services (id),
  constraint invoice_lines_subscription_fk foreign key (subscription_id) references subscriptions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists invoice_lines;
