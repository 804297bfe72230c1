create table if not exists coupon_applications (
  id bigint unsigned not null auto_increment primary key,
  redemption_id bigint unsigned not null,
  coupon_id bigint unsigned not null,
  invoice_id bigint unsigned not null,
  subscription_id bigint unsigned not null default 0,
  period_start datetime(3) not null,
  period_end datetime(3) null,
  period_number int unsigned not null,
  counts tinyint(1) not null,
  currency char(3) not null,
  amount_minor bigint not null,
  period_minor bigint not null default 0,
  released_at datetime(3) null,
  live tinyint generated always as (if(released_at is null, 1, null)) stored,
  created_at datetime(3) not null,
  unique key coupon_applications_period (redemption_id, subscription_id, period_start, counts, live),
  key coupon_applications_coupon (coupon_id),
  key coupon_applications_invoice (invoice_id),
  constraint coupon_applications_redemption_fk foreign key (redemption_id) references coupon_redemptions (id),
  constraint coupon_applications_invoice_fk foreign key (invoice_id) references invoices (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists coupon_applications;
