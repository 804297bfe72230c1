create table if not exists credit_note_lines (
  id bigint unsigned not null auto_increment primary key,
  credit_note_id bigint unsigned not null,
  invoice_line_id bigint unsigned not null,
  description varchar(500) not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null,
  taxes json not null,
  sort_order int not null default 0,
  created_at datetime(3) not null,
  key credit_note_lines_note (credit_note_id, sort_order),
  key credit_note_lines_line (invoice_line_id),
  constraint credit_note_lines_note_fk foreign key (credit_note_id) references credit_notes (id),
  constraint credit_note_lines_line_fk foreign key (invoice_line_id) references invoice_lines (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists credit_note_lines;
