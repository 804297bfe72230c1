create table if not exists pay_links (
  id bigint unsigned not null auto_increment primary key,
  token_hash char(64) character set ascii collate ascii_bin not null unique,
  invoice_id bigint unsigned not null,
  user_id bigint unsigned not null,
  expires_at datetime(3) not null,
  created_at datetime(3) not null,
  key pay_links_invoice (invoice_id),
  key pay_links_over (expires_at),
  constraint pay_links_invoice_fk foreign key (invoice_id) references invoices (id),
  constraint pay_links_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists pay_links;
