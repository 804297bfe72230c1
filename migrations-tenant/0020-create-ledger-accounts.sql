create table if not exists ledger_accounts (
  id bigint unsigned not null auto_increment primary key,
  code varchar(80) character set ascii collate ascii_bin not null,
  kind varchar(24) not null,
  user_id bigint unsigned null,
  currency char(3) not null,
  balance_minor bigint not null default 0,
  created_at datetime(3) not null,
  unique key ledger_accounts_code (code, currency),
  key ledger_accounts_user (user_id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists ledger_accounts;
