create table if not exists dunning_steps (
  id bigint unsigned not null auto_increment primary key,
  case_id bigint unsigned not null,
  step varchar(40) character set ascii collate ascii_bin not null,
  kind varchar(16) not null,
  outcome varchar(16) not null,
  planned_at datetime(3) not null,
  done_at datetime(3) not null,
  detail json not null,
  unique key dunning_steps_once (case_id, step),
  constraint dunning_steps_case_fk foreign key (case_id) references dunning_cases (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists dunning_steps;
