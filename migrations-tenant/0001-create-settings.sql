create table if not exists settings (
  name varchar(64) not null primary key,
  value json not null,
  updated_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists settings;
