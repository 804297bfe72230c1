create table if not exists access_tokens (
  id bigint unsigned not null auto_increment primary key,
  subject_kind varchar(16) not null,
  subject_id bigint unsigned not null,
  purpose varchar(24) not null,
  token_hash char(64) character set ascii collate ascii_bin not null unique,
  expires_at datetime(3) not null,
  used_at datetime(3) null,
  created_at datetime(3) not null,
  key access_tokens_subject (subject_kind, subject_id, purpose)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists access_tokens;
