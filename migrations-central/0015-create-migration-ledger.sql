create table if not exists migration_ledger (
  tenant_id bigint unsigned not null primary key,
  head varchar(120) null,
  bundle_hash char(64) character set ascii collate ascii_bin null,
  status varchar(16) not null,
  failed_file varchar(120) null,
  failed_step int unsigned null,
  failed_sql text null,
  error_code varchar(64) null,
  error varchar(1000) null,
  run_id bigint unsigned null,
  duration_ms int unsigned null,
  updated_at datetime(3) not null,
  key migration_ledger_hash (bundle_hash, status),
  constraint migration_ledger_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists migration_ledger;
