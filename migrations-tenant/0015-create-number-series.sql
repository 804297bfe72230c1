create table if not exists number_series (
  code varchar(32) not null primary key,
  pattern varchar(60) not null,
  next_number bigint unsigned not null default 1,
  year smallint unsigned null,
  yearly_reset tinyint(1) not null default 0,
  updated_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists number_series;
