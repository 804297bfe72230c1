create table if not exists subscription_changes (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  business_key varchar(120) character set ascii collate ascii_bin null unique,
  subscription_id bigint unsigned not null,
  user_id bigint unsigned not null,
  kind varchar(16) not null,
  status varchar(16) not null,
  scheduled_subscription_id bigint unsigned generated always as (if(status = 'scheduled', subscription_id, null)) stored,
  timing varchar(16) not null,
  quoted_at datetime(3) not null,
  expires_at datetime(3) null,
  effective_at datetime(3) not null,
  terms json not null,
  preview json not null,
  total_minor bigint not null default 0,
  currency char(3) not null,
  invoice_id bigint unsigned null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key subscription_changes_scheduled (scheduled_subscription_id),
  key subscription_changes_subscription (subscription_id, status),
  key subscription_changes_due (status, effective_at),
  constraint subscription_changes_subscription_fk foreign key (subscription_id) references subscriptions (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists subscription_changes;
