create table if not exists subscription_cancellations (
  id bigint unsigned not null auto_increment primary key,
  subscription_id bigint unsigned not null,
  user_id bigint unsigned not null,
  timing varchar(16) not null,
  asked_by varchar(16) not null,
  reason varchar(24) null,
  comment varchar(1000) null,
  effective_at datetime(3) not null,
  refund varchar(16) not null default 'none',
  undone_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key subscription_cancellations_subscription (subscription_id),
  key subscription_cancellations_reason (created_at, reason),
  constraint subscription_cancellations_subscription_fk foreign key (subscription_id) references subscriptions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists subscription_cancellations;
