create table if not exists gateway_accounts (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  gateway varchar(16) not null,
  mode varchar(8) not null,
  publishable_key varchar(255) null,
  secret_sealed varchar(1000) not null,
  webhook_secret_sealed varchar(1000) null,
  webhook_id varchar(64) character set ascii collate ascii_bin null,
  webhook_url varchar(255) null,
  api_base varchar(255) null,
  status varchar(16) not null default 'active',
  last_event_at datetime(3) null,
  checked_at datetime(3) null,
  check_error varchar(255) null,
  disconnected_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key gateway_accounts_gateway (gateway, status)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists gateway_accounts;
