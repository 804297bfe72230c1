create table if not exists kasm_launch_tickets (
  id bigint unsigned not null auto_increment primary key,
  token_hash char(64) character set ascii collate ascii_bin not null unique,
  kasm_workspace_id bigint unsigned not null,
  user_id bigint unsigned not null,
  created_at datetime(3) not null,
  expires_at datetime(3) not null,
  used_at datetime(3) null,
  key kasm_launch_tickets_user (user_id, expires_at),
  constraint kasm_launch_tickets_workspace_fk foreign key (kasm_workspace_id) references kasm_workspaces (id),
  constraint kasm_launch_tickets_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_launch_tickets;
