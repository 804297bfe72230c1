create table if not exists kasm_usage_events (
  id bigint unsigned not null auto_increment primary key,
  kasm_workspace_id bigint unsigned not null,
  kasm_usage_session_id bigint unsigned null,
  kind varchar(32) character set ascii collate ascii_bin not null,
  source varchar(16) character set ascii collate ascii_bin not null,
  actor_kind varchar(16) not null,
  actor_id bigint unsigned null,
  occurred_at datetime(3) not null,
  detail json not null,
  event_id bigint unsigned null unique,
  created_at datetime(3) not null,
  key kasm_usage_events_session (kasm_usage_session_id, occurred_at),
  key kasm_usage_events_workspace (kasm_workspace_id, occurred_at),
  constraint kasm_usage_events_workspace_fk foreign key (kasm_workspace_id) references kasm_workspaces (id),
  constraint kasm_usage_events_session_fk foreign key (kasm_usage_session_id) references kasm_usage_sessions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_usage_events;
