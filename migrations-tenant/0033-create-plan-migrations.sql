create table if not exists plan_migrations (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  plan_id bigint unsigned not null,
  version int unsigned not null,
  price_micros bigint not null,
  earliest_at datetime(3) not null,
  status varchar(16) not null,
  customers int unsigned not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key plan_migrations_version (plan_id, version),
  constraint plan_migrations_plan_fk foreign key (plan_id) references plans (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists plan_migrations;
