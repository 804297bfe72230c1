create table if not exists ledger_transactions (
  id bigint unsigned not null auto_increment primary key,
  business_key varchar(120) character set ascii collate ascii_bin not null unique,
  description varchar(255) not null,
  occurred_at datetime(3) not null,
  created_at datetime(3) not null,
  key ledger_transactions_when (occurred_at)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists ledger_transactions;
