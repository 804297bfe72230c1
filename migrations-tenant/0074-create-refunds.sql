create table if not exists refunds (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  payment_id bigint unsigned not null,
  user_id bigint unsigned not null,
  destination varchar(8) not null,
  amount_minor bigint not null,
  from_credit_minor bigint not null default 0,
  currency char(3) not null,
  status varchar(16) not null,
  reason varchar(255) not null,
  idempotency_key varchar(120) character set ascii collate ascii_bin not null unique,
  gateway_refund_id varchar(64) character set ascii collate ascii_bin null,
  failure_message varchar(500) null,
  next_check_at datetime(3) null,
  checks int unsigned not null default 0,
  settled_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key refunds_payment (payment_id),
  key refunds_user (user_id, created_at),
  key refunds_check (status, next_check_at),
  key refunds_gateway (gateway_refund_id),
  constraint refunds_payment_fk foreign key (payment_id) references payments (id),
  constraint refunds_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists refunds;
