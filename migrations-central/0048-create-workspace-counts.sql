create table if not exists workspace_counts (
  tenant_id bigint unsigned not null,
  server_id bigint unsigned not null,
  running int unsigned not null,
  waiting int unsigned not null,
  stopped int unsigned not null,
  failed int unsigned not null,
  archived int unsigned not null,
  reported_at datetime(3) not null,
  primary key (tenant_id, server_id),
  key workspace_counts_server (server_id),
  constraint workspace_counts_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists workspace_counts;
