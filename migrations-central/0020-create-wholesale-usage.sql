create table if not exists wholesale_usage (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned not null,
  record_key varchar(120) character set ascii collate ascii_bin not null,
  sku varchar(64) character set ascii collate ascii_bin not null,
  quantity_seconds bigint unsigned not null,
  occurred_at datetime(3) not null,
  detail json not null,
  recorded_at datetime(3) not null,
  unique key wholesale_usage_once (tenant_id, record_key),
  key wholesale_usage_when (tenant_id, occurred_at),
  constraint wholesale_usage_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_usage;
