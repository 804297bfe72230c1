create table if not exists order_items (
  id bigint unsigned not null auto_increment primary key,
  order_id bigint unsigned not null,
  position int unsigned not null,
  parent_id bigint unsigned null,
  plan_id bigint unsigned null,
  product_id bigint unsigned null,
  quantity int unsigned not null default 1,
  options json not null,
  name varchar(200) not null,
  recurring_minor bigint not null,
  setup_minor bigint not null,
  stock_taken int unsigned not null default 0,
  service_id bigint unsigned null,
  subscription_id bigint unsigned null,
  created_at datetime(3) not null,
  unique key order_items_position (order_id, position),
  key order_items_subscription (subscription_id),
  key order_items_service (service_id),
  constraint order_items_order_fk foreign key (order_id) references orders (id),
  constraint order_items_parent_fk foreign key (parent_id) references order_items (id),
  constraint order_items_plan_fk foreign key (plan_id) references plans (id),
  constraint order_items_service_fk foreign key (service_id) references services (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists order_items;
