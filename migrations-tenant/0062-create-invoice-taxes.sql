create table if not exists invoice_taxes (
  id bigint unsigned not null auto_increment primary key,
  invoice_id bigint unsigned not null,
  code varchar(40) not null,
  label varchar(80) not null,
  country char(2) not null default '',
  region varchar(40) not null default '',
  ppm int unsigned not null,
  compound tinyint(1) not null default 0,
  treatment varchar(16) not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  customer_country char(2) not null default '',
  customer_number varchar(40) null,
  proof_id bigint unsigned null,
  created_at datetime(3) not null,
  unique key invoice_taxes_rate (invoice_id, code),
  constraint invoice_taxes_invoice_fk foreign key (invoice_id) references invoices (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists invoice_taxes;
