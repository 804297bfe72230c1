create table if not exists orders (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  checkout_key varchar(64) character set ascii collate ascii_bin not null unique,
  user_id bigint unsigned not null,
  plan_id bigint unsigned null,
  service_id bigint unsigned null,
  invoice_id bigint unsigned null unique,
  payment_method_id bigint unsigned null,
  status varchar(16) not null,
  currency char(3) null,
  total_minor bigint not null default 0,
  terms_version int unsigned null,
  terms_accepted_at datetime(3) null,
  expires_at datetime(3) null,
  closed_at datetime(3) null,
  paid_at datetime(3) null,
  detail json not null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key orders_user (user_id, created_at),
  key orders_due (status, expires_at),
  constraint orders_user_fk foreign key (user_id) references users (id),
  constraint orders_service_fk foreign key (service_id) references services (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists orders;
