create table if not exists notifications (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  user_id bigint unsigned not null,
  type varchar(40) not null,
  business_key varchar(120) character set ascii collate ascii_bin not null unique,
  title varchar(200) not null,
  body varchar(500) null,
  href varchar(300) null,
  created_at datetime(3) not null,
  read_at datetime(3) null,
  key notifications_user (user_id, id),
  key notifications_unread (user_id, read_at, id),
  constraint notifications_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists notifications;
