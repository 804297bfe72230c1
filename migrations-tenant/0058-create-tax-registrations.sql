create table if not exists tax_registrations (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  country char(2) not null,
  region varchar(40) not null default '',
  kind varchar(8) not null,
  number varchar(40) not null default '',
  valid_from datetime(3) null,
  valid_to datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key tax_registrations_place (country, region, kind)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tax_registrations;
