create table if not exists product_groups (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  slug varchar(64) not null unique,
  name varchar(120) not null,
  description varchar(1000) not null default '',
  sort_order int not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists product_groups;
