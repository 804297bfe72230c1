create table if not exists plan_versions (
  id bigint unsigned not null auto_increment primary key,
  plan_id bigint unsigned not null,
  version int unsigned not null,
  price_micros bigint not null,
  setup_fee_minor bigint not null,
  since datetime(3) not null,
  unique key plan_versions_number (plan_id, version),
  constraint plan_versions_plan_fk foreign key (plan_id) references plans (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists plan_versions;
