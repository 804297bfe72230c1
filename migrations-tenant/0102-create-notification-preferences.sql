create table if not exists notification_preferences (
  user_id bigint unsigned not null,
  type varchar(40) not null,
  mail tinyint(1) not null,
  app tinyint(1) not null,
  updated_at datetime(3) not null,
  primary key (user_id, type),
  constraint notification_preferences_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists notification_preferences;
