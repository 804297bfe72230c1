create table if not exists provider_strangers (
  id bigint unsigned not null auto_increment primary key,
  connection_id bigint unsigned not null,
  tenant_id bigint unsigned null,
  kind varchar(8) character set ascii collate ascii_bin not null,
  whose varchar(8) character set ascii collate ascii_bin not null,
  outside_id varchar(64) character set ascii collate ascii_bin not null,
  user_id varchar(64) character set ascii collate ascii_bin null,
  username varchar(254) null,
  status varchar(16) null,
  first_seen_at datetime(3) not null,
  last_seen_at datetime(3) not null,
  alerted_at datetime(3) null,
  ended_at datetime(3) null,
  ended_by varchar(120) null,
  unique key provider_strangers_once (connection_id, kind, outside_id),
  key provider_strangers_list (connection_id, whose, first_seen_at),
  key provider_strangers_tenant (tenant_id),
  constraint provider_strangers_connection_fk foreign key (connection_id) references provider_connections (id),
  constraint provider_strangers_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists provider_strangers;
