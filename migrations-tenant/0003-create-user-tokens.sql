create table if not exists user_tokens (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null,
  purpose varchar(24) not null,
  token_hash char(64) character set ascii collate ascii_bin not null unique,
  expires_at datetime(3) not null,
  used_at datetime(3) null,
  created_at datetime(3) not null,
  key user_tokens_user (user_id, purpose),
  constraint user_tokens_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists user_tokens;
