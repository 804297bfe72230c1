create table if not exists kasm_budgets (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null,
  kasm_workspace_id bigint unsigned null,
  scope_key bigint unsigned generated always as (ifnull(kasm_workspace_id, 0)) stored,
  limit_minor bigint unsigned not null,
  currency char(3) not null,
  warned_for datetime(3) null,
  stopped_for datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key kasm_budgets_one (user_id, scope_key),
  constraint kasm_budgets_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_budgets;
