create table if not exists leases (
  name varchar(80) character set ascii collate ascii_bin not null primary key,
  owner varchar(120) not null,
  host varchar(120) not null,
  pid int unsigned not null,
  fence bigint unsigned not null default 1,
  acquired_at datetime(3) not null,
  heartbeat_at datetime(3) not null,
  expires_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists leases;
