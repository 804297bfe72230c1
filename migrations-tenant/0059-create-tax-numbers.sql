create table if not exists tax_numbers (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null unique,
  country char(2) not null,
  number varchar(32) not null,
  status varchar(16) not null,
  attempts int unsigned not null default 0,
  next_check_at datetime(3) null,
  checked_at datetime(3) null,
  valid_since datetime(3) null,
  holder_name varchar(255) null,
  holder_address varchar(500) null,
  proof_id bigint unsigned null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key tax_numbers_due (next_check_at),
  constraint tax_numbers_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tax_numbers;
