create table if not exists products (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  slug varchar(64) not null unique,
  name varchar(120) not null,
  description varchar(1000) not null default '',
  features json not null,
  kind varchar(8) not null default 'plan',
  service_type varchar(24) not null,
  group_id bigint unsigned null,
  status varchar(16) not null default 'hidden',
  follows_parent tinyint(1) not null default 1,
  stock_limit int unsigned null,
  stock_taken int unsigned not null default 0,
  max_quantity int unsigned not null default 1,
  trial_days smallint unsigned not null default 0,
  min_term_months smallint unsigned not null default 0,
  tax_class varchar(24) not null default 'standard',
  upgrade_policy varchar(16) not null default 'now',
  downgrade_policy varchar(16) not null default 'period-end',
  sort_order int not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key products_shop (status, service_type, sort_order),
  constraint products_group_fk foreign key (group_id) references product_groups (id) on delete set null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists products;
