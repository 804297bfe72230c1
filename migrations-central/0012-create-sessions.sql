create table if not exists sessions (
  id char(64) character set ascii collate ascii_bin not null primary key,
  subject_kind varchar(16) null,
  subject_id bigint unsigned null,
  host varchar(253) not null,
  data json not null,
  ip varchar(45) null,
  user_agent varchar(255) null,
  created_at datetime(3) not null,
  last_seen_at datetime(3) not null,
  expires_at datetime(3) not null,
  key sessions_subject (subject_kind, subject_id),
  key sessions_expires (expires_at)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists sessions;
