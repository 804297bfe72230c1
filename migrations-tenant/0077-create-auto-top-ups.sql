create table if not exists auto_top_ups (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null unique,
  payment_method_id bigint unsigned not null,
  currency char(3) not null,
  threshold_minor bigint not null,
  amount_minor bigint not null,
  monthly_cap_minor bigint not null,
  enabled tinyint(1) not null default 1,
  dips int unsigned not null default 0,
  dipped_at datetime(3) null,
  payment_id bigint unsigned null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key auto_top_ups_enabled (enabled, dipped_at),
  constraint auto_top_ups_user_fk foreign key (user_id) references users (id),
  constraint auto_top_ups_method_fk foreign key (payment_method_id) references payment_methods (id),
  constraint auto_top_ups_payment_fk foreign key (payment_id) references payments (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists auto_top_ups;
