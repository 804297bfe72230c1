create table if not exists wholesale_invoices (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  tenant_id bigint unsigned not null,
  number varchar(40) null unique,
  status varchar(16) not null,
  currency char(3) not null,
  period_start datetime(3) not null,
  period_end datetime(3) not null,
  platform_fee_minor bigint not null,
  usage_charges_minor bigint not null,
  subscription_charges_minor bigint not null,
  discount_minor bigint not null,
  commission_minor bigint not null,
  total_minor bigint not null,
  issued_at datetime(3) null,
  due_date datetime(3) null,
  paid_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key wholesale_invoices_period (tenant_id, period_start),
  key wholesale_invoices_status (status, due_date),
  constraint wholesale_invoices_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_invoices;
