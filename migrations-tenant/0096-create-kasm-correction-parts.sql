create table if not exists kasm_correction_parts (
  id bigint unsigned not null auto_increment primary key,
  kasm_usage_correction_id bigint unsigned not null,
  kasm_billed_slice_id bigint unsigned not null,
  invoice_line_id bigint unsigned not null,
  seconds bigint unsigned not null,
  amount_minor bigint not null,
  created_at datetime(3) not null,
  unique key kasm_correction_parts_once (kasm_usage_correction_id, kasm_billed_slice_id),
  key kasm_correction_parts_slice (kasm_billed_slice_id),
  key kasm_correction_parts_line (invoice_line_id),
  constraint kasm_correction_parts_fk foreign key (kasm_usage_correction_id) references kasm_usage_corrections (id),
  constraint kasm_correction_parts_slice_fk foreign key (kasm_billed_slice_id) references kasm_billed_slices (id),
  constraint kasm_correction_parts_line_fk foreign key (invoice_line_id) references invoice_lines (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_correction_parts;
