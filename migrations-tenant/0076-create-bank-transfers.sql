create table if not exists bank_transfers (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  statement_key varchar(80) character set ascii collate ascii_bin not null unique,
  received_on date not null,
  amount_minor bigint not null,
  currency char(3) not null,
  payer varchar(140) not null,
  reference varchar(255) not null,
  status varchar(16) not null,
  note varchar(500) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key bank_transfers_status (status, received_on)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists bank_transfers;
