create table if not exists tax_rates (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  country char(2) not null,
  region varchar(40) not null default '',
  postcode_pattern varchar(120) not null default '',
  tax_class varchar(32) not null default 'standard',
  name varchar(60) not null,
  ppm int unsigned not null,
  compound tinyint(1) not null default 0,
  sort_order int not null default 0,
  valid_from datetime(3) null,
  valid_to datetime(3) null,
  source varchar(32) not null default 'manual',
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key tax_rates_place (country, tax_class)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tax_rates;
