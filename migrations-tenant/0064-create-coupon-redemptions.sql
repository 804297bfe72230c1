create table if not exists coupon_redemptions (
  id bigint unsigned not null auto_increment primary key,
  coupon_id bigint unsigned not null,
  user_id bigint unsigned not null,
  order_id bigint unsigned not null,
  terms json not null,
  redeemed_at datetime(3) not null,
  released_at datetime(3) null,
  created_at datetime(3) not null,
  unique key coupon_redemptions_order (coupon_id, order_id),
  key coupon_redemptions_user (coupon_id, user_id),
  key coupon_redemptions_of_order (order_id),
  constraint coupon_redemptions_coupon_fk foreign key (coupon_id) references coupons (id),
  constraint coupon_redemptions_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists coupon_redemptions;
