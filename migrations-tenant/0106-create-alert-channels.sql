create table if not exists alert_channels (
  id bigint unsigned not null auto_increment primary key,
  name varchar(32) character set ascii collate ascii_bin not null unique,
  discord_sealed varchar(1000) null,
  discord_hint varchar(40) null,
  discord_trouble varchar(255) null,
  email varchar(254) null,
  kinds json not null,
  large_cost_minor bigint null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists alert_channels;
