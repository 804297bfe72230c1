create table if not exists tenant_billing (
  tenant_id bigint unsigned not null primary key,
  tier varchar(24) not null,
  currency char(3) not null,
  wholesale_discount_ppm int unsigned not null default 0,
  monthly_fee_minor bigint not null default 0,
  commission_ppm int unsigned not null default 0,
  billing_cycle_day tinyint unsigned not null default 1,
  payment_days smallint unsigned not null default 7,
  started_at datetime(3) not null,
  next_billing_at datetime(3) not null,
  status varchar(16) not null default 'active',
  updated_at datetime(3) not null,
  key tenant_billing_due (status, next_billing_at),
  constraint tenant_billing_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tenant_billing;
