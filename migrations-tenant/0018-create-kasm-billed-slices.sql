create table if not exists kasm_billed_slices (
  id bigint unsigned not null auto_increment primary key,
  kasm_usage_session_id bigint unsigned not null,
  period_start datetime(3) not null,
  period_end datetime(3) not null,
  billed_seconds bigint unsigned not null,
  cost_per_hour_micros bigint not null,
  invoice_id bigint unsigned not null,
  invoice_line_id bigint unsigned not null,
  created_at datetime(3) not null,
  unique key kasm_slices_once (kasm_usage_session_id, period_start),
  key kasm_slices_line (invoice_line_id),
  constraint kasm_slices_session_fk foreign key (kasm_usage_session_id) references kasm_usage_sessions (id),
  constraint kasm_slices_invoice_fk foreign key (invoice_id) references invoices (id),
  constraint kasm_slices_line_fk foreign key (invoice_line_id) references invoice_lines (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_billed_slices;
