create table if not exists kasm_usage_sessions (
  id bigint unsigned not null auto_increment primary key,
  kasm_workspace_id bigint unsigned not null,
  kasm_session_id char(36) character set ascii collate ascii_bin null,
  started_at datetime(3) not null,
  stopped_at datetime(3) null,
  last_seen_at datetime(3) not null,
  duration_seconds bigint unsigned null,
  duration_billable_seconds bigint unsigned null,
  cost_per_hour_micros bigint not null,
  currency char(3) not null,
  total_cost_micros bigint null,
  billed_seconds bigint unsigned not null default 0,
  wholesale_sku varchar(64) null,
  started_by varchar(32) not null,
  end_reason varchar(32) null,
  open_workspace_id bigint unsigned generated always as (if(stopped_at is null, kasm_workspace_id, null)) stored,
  unbilled tinyint unsigned generated always as (if(stopped_at is null or duration_billable_seconds > billed_seconds, 1, null)) stored,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key kasm_sessions_one_open (open_workspace_id),
  unique key kasm_sessions_kasm (kasm_workspace_id, started_at),
  key kasm_sessions_started (started_at),
  key kasm_sessions_unbilled (unbilled, started_at),
  constraint kasm_sessions_workspace_fk foreign key (kasm_workspace_id) references kasm_workspaces (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_usage_sessions;
