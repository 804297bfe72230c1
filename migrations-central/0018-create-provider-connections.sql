create table if not exists provider_connections (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned null,
  kind varchar(24) not null,
  name varchar(80) not null,
  base_url varchar(255) not null,
  secrets_sealed text not null,
  settings json not null,
  status varchar(16) not null default 'active',
  last_ok_at datetime(3) null,
  last_error_at datetime(3) null,
  last_error varchar(500) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key provider_connections_kind (kind, status),
  constraint provider_connections_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists provider_connections;
