create table if not exists schedule_marks (
  name varchar(80) not null primary key,
  last_started_at datetime(3) null,
  last_success_at datetime(3) null,
  last_error_at datetime(3) null,
  last_error varchar(500) null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists schedule_marks;
