create table if not exists customer_notes (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  user_id bigint unsigned not null,
  author varchar(120) not null,
  body varchar(4000) not null,
  created_at datetime(3) not null,
  key customer_notes_user (user_id, id),
  constraint customer_notes_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists customer_notes;
