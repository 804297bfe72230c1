create table if not exists pending_databases (
  id bigint unsigned not null auto_increment primary key,
  server_id bigint unsigned not null,
  database_name varchar(64) not null unique,
  database_user varchar(32) not null,
  database_password_sealed varchar(1000) not null,
  migration_user varchar(32) not null,
  migration_password_sealed varchar(1000) not null,
  status varchar(16) not null,
  schema_head varchar(120) null,
  schema_hash char(64) null,
  claimed_by bigint unsigned null,
  error varchar(500) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key pending_databases_ready (status, server_id),
  constraint pending_databases_server_fk foreign key (server_id) references database_servers (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists pending_databases;
