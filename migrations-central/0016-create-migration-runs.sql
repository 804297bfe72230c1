create table if not exists migration_runs (
  id bigint unsigned not null auto_increment primary key,
  kind varchar(16) not null,
  status varchar(16) not null,
  options json not null,
  owner_host varchar(120) not null,
  owner_pid int unsigned not null,
  total int unsigned not null default 0,
  done int unsigned not null default 0,
  failed int unsigned not null default 0,
  started_at datetime(3) not null,
  finished_at datetime(3) null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists migration_runs;
