create table if not exists cart_items (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  cart_id bigint unsigned not null,
  parent_id bigint unsigned null,
  plan_id bigint unsigned not null,
  quantity int unsigned not null default 1,
  options json not null,
  name varchar(60) not null,
  seen_recurring_minor bigint not null,
  seen_setup_minor bigint not null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key cart_items_cart (cart_id, id),
  constraint cart_items_cart_fk foreign key (cart_id) references carts (id) on delete cascade,
  constraint cart_items_parent_fk foreign key (parent_id) references cart_items (id) on delete cascade,
  constraint cart_items_plan_fk foreign key (plan_id) references plans (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists cart_items;
