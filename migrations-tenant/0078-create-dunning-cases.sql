create table if not exists dunning_cases (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  invoice_id bigint unsigned not null unique,
  user_id bigint unsigned not null,
  status varchar(16) not null,
  due_at datetime(3) not null,
  next_at datetime(3) null,
  paused_until datetime(3) null,
  reason varchar(500) null,
  closed_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key dunning_cases_next (status, next_at),
  key dunning_cases_user (user_id, status),
  constraint dunning_cases_invoice_fk foreign key (invoice_id) references invoices (id),
  constraint dunning_cases_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists dunning_cases;
