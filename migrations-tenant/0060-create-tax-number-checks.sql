create table if not exists tax_number_checks (
  id bigint unsigned not null auto_increment primary key,
  user_id bigint unsigned not null,
  country char(2) not null,
  number varchar(32) not null,
  outcome varchar(16) not null,
  error varchar(64) null,
  request_id varchar(64) null,
  requester varchar(40) null,
  holder_name varchar(255) null,
  holder_address varchar(500) null,
  asked_at datetime(3) not null,
  answered_at datetime(3) null,
  created_at datetime(3) not null,
  key tax_number_checks_user (user_id, id),
  constraint tax_number_checks_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tax_number_checks;
