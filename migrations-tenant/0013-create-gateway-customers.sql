create table if not exists gateway_customers (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null,
  gateway_account_id bigint unsigned not null,
  gateway_customer_id varchar(64) character set ascii collate ascii_bin not null,
  created_at datetime(3) not null,
  unique key gateway_customers_one (gateway_account_id, user_id),
  constraint gateway_customers_user_fk foreign key (user_id) references users (id),
  constraint gateway_customers_account_fk foreign key (gateway_account_id) references gateway_accounts (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists gateway_customers;
