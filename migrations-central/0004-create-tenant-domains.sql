create table if not exists tenant_domains (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned not null,
  domain varchar(253) character set ascii collate ascii_bin not null unique,
  type varchar(8) not null,
  ssl_status varchar(16) not null default 'pending',
  verified_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key tenant_domains_tenant (tenant_id, type),
  constraint tenant_domains_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tenant_domains;
