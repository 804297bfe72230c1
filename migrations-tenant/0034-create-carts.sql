create table if not exists carts (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  token_hash char(64) character set ascii collate ascii_bin null unique,
  user_id bigint unsigned null unique,
  checkout_key char(20) not null unique,
  currency char(3) not null,
  country char(2) null,
  region varchar(120) null,
  postcode varchar(20) null,
  codes json not null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key carts_idle (updated_at),
  constraint carts_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists carts;
