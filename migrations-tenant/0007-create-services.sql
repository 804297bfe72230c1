create table if not exists services (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  user_id bigint unsigned not null,
  plan_id bigint unsigned not null,
  subscription_id bigint unsigned null,
  service_type varchar(24) not null,
  name varchar(60) not null,
  status varchar(16) not null,
  currency char(3) not null,
  price_micros bigint not null,
  provision_attempts int unsigned not null default 0,
  next_attempt_at datetime(3) null,
  failure_code varchar(64) null,
  failure_reason varchar(500) null,
  suspended_by varchar(16) null,
  provisioned_at datetime(3) null,
  suspended_at datetime(3) null,
  terminated_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key services_user (user_id, status),
  key services_waiting (status, next_attempt_at),
  constraint services_user_fk foreign key (user_id) references users (id),
  constraint services_plan_fk foreign key (plan_id) references plans (id),
  constraint services_subscription_fk foreign key (subscription_id) references subscriptions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists services;
