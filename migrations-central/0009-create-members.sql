create table if not exists members (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  email varchar(254) not null unique,
  name varchar(120) not null,
  password_hash varchar(255) null,
  email_verified_at datetime(3) null,
  status varchar(16) not null default 'active',
  theme varchar(8) not null default 'system',
  last_login_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists members;
