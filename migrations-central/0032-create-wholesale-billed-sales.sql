create table if not exists wholesale_billed_sales (
  wholesale_sale_id bigint unsigned not null primary key,
  wholesale_invoice_id bigint unsigned not null,
  created_at datetime(3) not null,
  key wholesale_billed_sales_invoice (wholesale_invoice_id),
  constraint wholesale_billed_sales_sale_fk foreign key (wholesale_sale_id) references wholesale_sales (id),
  constraint wholesale_billed_sales_invoice_fk foreign key (wholesale_invoice_id) references wholesale_invoices (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_billed_sales;
