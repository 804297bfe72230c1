create table if not exists kasm_schedules (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  kasm_workspace_id bigint unsigned not null,
  days varchar(13) character set ascii collate ascii_bin not null,
  start_time char(5) character set ascii collate ascii_bin null,
  stop_time char(5) character set ascii collate ascii_bin null,
  time_zone varchar(64) character set ascii collate ascii_bin not null,
  next_start_at datetime(3) null,
  next_stop_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key kasm_schedules_workspace (kasm_workspace_id),
  key kasm_schedules_starts (next_start_at),
  key kasm_schedules_stops (next_stop_at),
  constraint kasm_schedules_workspace_fk foreign key (kasm_workspace_id) references kasm_workspaces (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_schedules;
