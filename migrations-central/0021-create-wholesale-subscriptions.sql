create table if not exists wholesale_subscriptions (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned not null,
  record_key varchar(120) character set ascii collate ascii_bin not null,
  sku varchar(64) character set ascii collate ascii_bin not null,
  quantity int unsigned not null,
  started_at datetime(3) not null,
  ended_at datetime(3) null,
  recorded_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key wholesale_subscriptions_once (tenant_id, record_key),
  constraint wholesale_subscriptions_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_subscriptions;
