create table if not exists wholesale_sales (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned not null,
  record_key varchar(120) character set ascii collate ascii_bin not null,
  amount_minor bigint not null,
  currency char(3) not null,
  occurred_at datetime(3) not null,
  recorded_at datetime(3) not null,
  unique key wholesale_sales_once (tenant_id, record_key),
  key wholesale_sales_when (tenant_id, occurred_at),
  constraint wholesale_sales_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_sales;
