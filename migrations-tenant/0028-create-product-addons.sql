create table if not exists product_addons (
  id bigint unsigned not null auto_increment primary key,
  product_id bigint unsigned not null,
  addon_id bigint unsigned not null,
  sort_order int not null default 0,
  unique key product_addons_pair (product_id, addon_id),
  constraint product_addons_product_fk foreign key (product_id) references products (id) on delete cascade,
  constraint product_addons_addon_fk foreign key (addon_id) references products (id) on delete cascade
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists product_addons;
