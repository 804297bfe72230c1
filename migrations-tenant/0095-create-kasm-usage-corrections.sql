create table if not exists kasm_usage_corrections (
  id bigint unsigned not null auto_increment primary key,
  kasm_usage_session_id bigint unsigned not null,
  position int unsigned not null,
  stopped_before datetime(3) not null,
  stopped_after datetime(3) not null,
  billable_before bigint unsigned not null,
  billable_after bigint unsigned not null,
  credited_seconds bigint unsigned not null,
  reason varchar(255) not null,
  corrected_by varchar(120) not null,
  created_at datetime(3) not null,
  unique key kasm_corrections_order (kasm_usage_session_id, position),
  constraint kasm_corrections_session_fk foreign key (kasm_usage_session_id) references kasm_usage_sessions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_usage_corrections;
