create table if not exists troubles (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned not null,
  record_key varchar(120) character set ascii collate ascii_bin not null,
  title varchar(160) not null,
  detail varchar(500) not null,
  code varchar(64) null,
  opened_at datetime(3) not null,
  closed_at datetime(3) null,
  updated_at datetime(3) not null,
  unique key troubles_once (tenant_id, record_key),
  key troubles_open (closed_at, opened_at),
  constraint troubles_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists troubles;
