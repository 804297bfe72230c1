create table if not exists plans (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  product_id bigint unsigned null,
  slug varchar(96) not null unique,
  name varchar(120) not null,
  description varchar(1000) not null default '',
  service_type varchar(24) not null,
  billing_cycle varchar(16) not null,
  currency char(3) not null,
  price_micros bigint not null,
  setup_fee_minor bigint not null default 0,
  wholesale_sku varchar(64) null,
  wholesale_price_micros bigint null,
  kasm_workspace_type varchar(32) null,
  vcpu smallint unsigned null,
  ram_mb int unsigned null,
  status varchar(16) not null default 'active',
  sort_order int not null default 0,
  version int unsigned not null default 1,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key plans_offer (product_id, billing_cycle, currency),
  key plans_shop (service_type, status, sort_order)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists plans;
