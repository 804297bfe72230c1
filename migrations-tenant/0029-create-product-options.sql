create table if not exists product_options (
  id bigint unsigned not null auto_increment primary key,
  product_id bigint unsigned not null,
  name varchar(120) not null,
  hint varchar(250) not null default '',
  kind varchar(16) not null,
  code varchar(64) not null,
  unit varchar(24) not null default '',
  required tinyint(1) not null default 0,
  min_quantity int unsigned not null default 0,
  max_quantity int unsigned not null default 1,
  tier_mode varchar(16) not null default 'volume',
  status varchar(16) not null default 'active',
  sort_order int not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key product_options_code (product_id, code),
  constraint product_options_product_fk foreign key (product_id) references products (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists product_options;
