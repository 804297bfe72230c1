create table if not exists webhook_events (
  id bigint unsigned not null auto_increment primary key,
  gateway_account_id bigint unsigned not null,
  event_id varchar(120) character set ascii collate ascii_bin not null,
  type varchar(80) not null,
  payload mediumtext not null,
  status varchar(16) not null,
  attempts int unsigned not null default 0,
  error varchar(500) null,
  received_at datetime(3) not null,
  next_try_at datetime(3) null,
  processed_at datetime(3) null,
  unique key webhook_events_once (gateway_account_id, event_id),
  key webhook_events_waiting (status, next_try_at),
  key webhook_events_received (received_at),
  constraint webhook_events_account_fk foreign key (gateway_account_id) references gateway_accounts (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists webhook_events;
