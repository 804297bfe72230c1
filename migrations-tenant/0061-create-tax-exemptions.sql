create table if not exists tax_exemptions (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  user_id bigint unsigned not null,
  country char(2) not null default '',
  reason varchar(255) not null,
  evidence varchar(1000) not null,
  reference varchar(120) null,
  valid_from datetime(3) not null,
  valid_until datetime(3) null,
  status varchar(16) not null,
  approved_by varchar(120) null,
  approved_at datetime(3) null,
  ended_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key tax_exemptions_user (user_id, status),
  constraint tax_exemptions_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tax_exemptions;
