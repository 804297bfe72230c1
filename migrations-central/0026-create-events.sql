create table if not exists events (
  id bigint unsigned not null auto_increment primary key,
  tenant_id bigint unsigned null,
  type varchar(64) not null,
  subject_type varchar(32) not null,
  subject_id bigint unsigned null,
  actor_kind varchar(16) not null,
  actor_id bigint unsigned null,
  ip varchar(45) null,
  work_id varchar(64) null,
  data json not null,
  occurred_at datetime(3) not null,
  dispatched_at datetime(3) null,
  attempts int unsigned not null default 0,
  claimed_until datetime(3) null,
  retry_at datetime(3) null,
  error varchar(500) null,
  key events_waiting (dispatched_at, id),
  key events_tenant (tenant_id, id),
  key events_subject (subject_type, subject_id, id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists events;
