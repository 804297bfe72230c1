create table if not exists subscriptions (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  user_id bigint unsigned not null,
  plan_id bigint unsigned not null,
  status varchar(16) not null,
  billing_cycle varchar(16) not null,
  currency char(3) not null,
  price_micros bigint not null,
  quantity int unsigned not null default 1,
  anchor_day tinyint unsigned not null,
  time_zone varchar(64) not null,
  started_at datetime(3) not null,
  current_period_start datetime(3) null,
  current_period_end datetime(3) null,
  cancel_at datetime(3) null,
  cancelled_at datetime(3) null,
  ended_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key subscriptions_user (user_id, status),
  key subscriptions_due (status, current_period_end),
  constraint subscriptions_user_fk foreign key (user_id) references users (id),
  constraint subscriptions_plan_fk foreign key (plan_id) references plans (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists subscriptions;
