create table if not exists plan_option_prices (
  id bigint unsigned not null auto_increment primary key,
  plan_id bigint unsigned not null,
  choice_id bigint unsigned not null,
  from_quantity int unsigned not null default 1,
  unit_micros bigint not null,
  setup_minor bigint not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key plan_option_prices_tier (plan_id, choice_id, from_quantity),
  constraint plan_option_prices_plan_fk foreign key (plan_id) references plans (id),
  constraint plan_option_prices_choice_fk foreign key (choice_id) references product_option_choices (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists plan_option_prices;
