create table if not exists credit_notes (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  business_key varchar(120) character set ascii collate ascii_bin not null unique,
  number varchar(40) null unique,
  invoice_id bigint unsigned not null,
  user_id bigint unsigned not null,
  currency char(3) not null,
  destination varchar(16) not null,
  payment_id bigint unsigned null,
  reason varchar(255) not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null,
  seller json not null,
  buyer json not null,
  issued_at datetime(3) not null,
  created_at datetime(3) not null,
  key credit_notes_invoice (invoice_id),
  key credit_notes_user (user_id, issued_at),
  constraint credit_notes_invoice_fk foreign key (invoice_id) references invoices (id),
  constraint credit_notes_user_fk foreign key (user_id) references users (id),
  constraint credit_notes_payment_fk foreign key (payment_id) references payments (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists credit_notes;
