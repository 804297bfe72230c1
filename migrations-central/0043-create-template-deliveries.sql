create table if not exists template_deliveries (
  tenant_id bigint unsigned not null primary key,
  digest char(40) character set ascii collate ascii_bin null,
  delivered_at datetime(3) null,
  tried_at datetime(3) null,
  last_error varchar(500) null,
  updated_at datetime(3) not null,
  constraint template_deliveries_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists template_deliveries;
