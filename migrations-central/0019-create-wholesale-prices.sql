create table if not exists wholesale_prices (
  id bigint unsigned not null auto_increment primary key,
  sku varchar(64) character set ascii collate ascii_bin not null,
  version int unsigned not null,
  description varchar(255) not null,
  unit varchar(8) not null,
  currency char(3) not null,
  price_micros bigint not null,
  valid_from datetime(3) not null,
  created_at datetime(3) not null,
  unique key wholesale_prices_version (sku, currency, version),
  key wholesale_prices_valid (sku, currency, valid_from)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_prices;
