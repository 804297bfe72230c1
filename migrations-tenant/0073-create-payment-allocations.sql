create table if not exists payment_allocations (
  id bigint unsigned not null auto_increment primary key,
  payment_id bigint unsigned not null,
  invoice_id bigint unsigned not null,
  attempt_no int unsigned not null,
  amount_minor bigint not null,
  applied_minor bigint not null default 0,
  is_open tinyint(1) not null default 1,
  open_invoice_id bigint unsigned generated always as (if(is_open = 1, invoice_id, null)) stored,
  created_at datetime(3) not null,
  unique key payment_allocations_one_open (open_invoice_id),
  unique key payment_allocations_once (payment_id, invoice_id),
  unique key payment_allocations_attempt (invoice_id, attempt_no),
  constraint payment_allocations_payment_fk foreign key (payment_id) references payments (id),
  constraint payment_allocations_invoice_fk foreign key (invoice_id) references invoices (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists payment_allocations;
