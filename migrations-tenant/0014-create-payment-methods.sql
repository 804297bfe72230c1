create table if not exists payment_methods (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  user_id bigint unsigned not null,
  gateway_account_id bigint unsigned not null,
  gateway_customer_id varchar(64) character set ascii collate ascii_bin not null,
  gateway_method_id varchar(64) character set ascii collate ascii_bin not null,
  brand varchar(24) null,
  last4 char(4) null,
  account_label varchar(191) null,
  exp_month tinyint unsigned null,
  exp_year smallint unsigned null,
  status varchar(16) not null default 'active',
  is_default tinyint(1) not null default 0,
  default_of bigint unsigned generated always as (if(is_default = 1 and status = 'active', user_id, null)) stored,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key payment_methods_gateway (gateway_account_id, gateway_method_id),
  unique key payment_methods_default (default_of),
  key payment_methods_user (user_id, status),
  constraint payment_methods_user_fk foreign key (user_id) references users (id),
  constraint payment_methods_account_fk foreign key (gateway_account_id) references gateway_accounts (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists payment_methods;
