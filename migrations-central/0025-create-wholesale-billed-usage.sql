create table if not exists wholesale_billed_usage (
  wholesale_usage_id bigint unsigned not null primary key,
  wholesale_invoice_line_id bigint unsigned not null,
  created_at datetime(3) not null,
  key wholesale_billed_line (wholesale_invoice_line_id),
  constraint wholesale_billed_usage_fk foreign key (wholesale_usage_id) references wholesale_usage (id),
  constraint wholesale_billed_line_fk foreign key (wholesale_invoice_line_id) references wholesale_invoice_lines (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists wholesale_billed_usage;
