create table if not exists wholesale_invoice_lines (
  id bigint unsigned not null auto_increment primary key,
  wholesale_invoice_id bigint unsigned not null,
  business_key varchar(160) character set ascii collate ascii_bin not null unique,
  kind varchar(16) not null,
  sku varchar(64) null,
  description varchar(500) not null,
  quantity_seconds bigint unsigned null,
  quantity int unsigned null,
  rate_micros bigint null,
  amount_minor bigint not null,
  sort_order int not null default 0,
  created_at datetime(3) not null,
  key wholesale_lines_invoice (wholesale_invoice_id, sort_order),
  constraint wholesale_lines_invoice_fk foreign key (wholesale_invoice_id) references wholesale_invoices (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_invoice_lines;
