alter table coupon_redemptions modify column order_id bigint unsigned null;
-- down
alter table coupon_redemptions modify column order_id bigint unsigned null;
