create table if not exists kasm_usage_gaps (
  id bigint unsigned not null auto_increment primary key,
  kasm_usage_session_id bigint unsigned not null,
  started_at datetime(3) not null,
  ended_at datetime(3) not null,
  seen_again tinyint(1) not null,
  created_at datetime(3) not null,
  unique key kasm_gaps_once (kasm_usage_session_id, started_at),
  constraint kasm_gaps_session_fk foreign key (kasm_usage_session_id) references kasm_usage_sessions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_usage_gaps;
