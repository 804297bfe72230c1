create table if not exists kasm_limits (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null unique,
  most_workspaces int unsigned null,
  most_running int unsigned null,
  workspace_types json null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  constraint kasm_limits_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_limits;
