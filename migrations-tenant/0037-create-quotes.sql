create table if not exists quotes (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  number varchar(40) null unique,
  token_hash char(64) character set ascii collate ascii_bin null,
  user_id bigint unsigned not null,
  status varchar(16) not null,
  currency char(3) not null,
  discount_ppm int unsigned not null default 0,
  note varchar(2000) not null default '',
  valid_until datetime(3) not null,
  order_id bigint unsigned null unique,
  sent_at datetime(3) null,
  answered_at datetime(3) null,
  decline_reason varchar(500) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key quotes_user (user_id, status),
  key quotes_due (status, valid_until),
  constraint quotes_user_fk foreign key (user_id) references users (id),
  constraint quotes_order_fk foreign key (order_id) references orders (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists quotes;
