create table if not exists quote_lines (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  quote_id bigint unsigned not null,
  plan_id bigint unsigned null,
  quantity int unsigned not null default 1,
  options json not null,
  name varchar(200) not null,
  recurring_minor bigint not null default 0,
  setup_minor bigint not null default 0,
  amount_minor bigint not null default 0,
  items json not null,
  created_at datetime(3) not null,
  key quote_lines_quote (quote_id, id),
  constraint quote_lines_quote_fk foreign key (quote_id) references quotes (id) on delete cascade,
  constraint quote_lines_plan_fk foreign key (plan_id) references plans (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists quote_lines;
