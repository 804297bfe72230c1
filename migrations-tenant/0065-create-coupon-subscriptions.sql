create table if not exists coupon_subscriptions (
  redemption_id bigint unsigned not null,
  subscription_id bigint unsigned not null,
  primary key (redemption_id, subscription_id),
  key coupon_subscriptions_subscription (subscription_id),
  constraint coupon_subscriptions_redemption_fk foreign key (redemption_id) references coupon_redemptions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists coupon_subscriptions;
