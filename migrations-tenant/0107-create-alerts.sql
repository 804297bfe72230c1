create table if not exists alerts (
  id bigint unsigned not null auto_increment primary key,
  subject varchar(120) character set ascii collate ascii_bin not null unique,
  kind varchar(32) not null,
  level varchar(8) not null,
  title varchar(160) not null,
  message varchar(1000) not null,
  fields json not null,
  href varchar(255) null,
  raised_at datetime(3) not null,
  post_status varchar(16) not null,
  post_attempts int unsigned not null default 0,
  next_attempt_at datetime(3) null,
  posted_at datetime(3) null,
  last_error varchar(255) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key alerts_waiting (post_status, next_attempt_at),
  key alerts_raised (raised_at)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists alerts;
