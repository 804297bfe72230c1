create table if not exists kasm_schedule_turns (
  id bigint unsigned not null auto_increment primary key,
  kasm_workspace_id bigint unsigned not null,
  kasm_schedule_id bigint unsigned not null,
  kind varchar(8) character set ascii collate ascii_bin not null,
  at datetime(3) not null,
  until datetime(3) null,
  status varchar(16) character set ascii collate ascii_bin not null,
  note varchar(500) null,
  settled_at datetime(3) null,
  created_at datetime(3) not null,
  unique key kasm_turns_once (kasm_schedule_id, kind, at),
  key kasm_turns_waiting (status, at),
  key kasm_turns_workspace (kasm_workspace_id, at),
  constraint kasm_turns_workspace_fk foreign key (kasm_workspace_id) references kasm_workspaces (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_schedule_turns;
