create table if not exists rate_limits (
  `key` varchar(255) character set ascii collate ascii_bin not null primary key,
  points int not null default 0,
  expire bigint unsigned null,
  key rate_limits_expire (expire)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists rate_limits;
