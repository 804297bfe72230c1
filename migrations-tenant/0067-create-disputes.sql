create table if not exists disputes (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  gateway_account_id bigint unsigned not null,
  gateway_dispute_id varchar(64) character set ascii collate ascii_bin not null,
  payment_id bigint unsigned not null,
  user_id bigint unsigned not null,
  amount_minor bigint not null,
  currency char(3) not null,
  credit_taken_minor bigint not null default 0,
  reason varchar(80) not null,
  status varchar(16) not null,
  respond_by datetime(3) null,
  opened_at datetime(3) not null,
  closed_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key disputes_gateway (gateway_account_id, gateway_dispute_id),
  key disputes_payment (payment_id),
  key disputes_status (status, respond_by),
  constraint disputes_account_fk foreign key (gateway_account_id) references gateway_accounts (id),
  constraint disputes_payment_fk foreign key (payment_id) references payments (id),
  constraint disputes_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists disputes;
