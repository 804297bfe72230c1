create table if not exists directory_versions (
  id tinyint unsigned not null primary key,
  version bigint unsigned not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists directory_versions;
