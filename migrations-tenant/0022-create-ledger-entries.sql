create table if not exists ledger_entries (
  id bigint unsigned not null auto_increment primary key,
  transaction_id bigint unsigned not null,
  account_id bigint unsigned not null,
  amount_minor bigint not null,
  invoice_id bigint unsigned null,
  payment_id bigint unsigned null,
  key ledger_entries_account (account_id, id),
  key ledger_entries_invoice (invoice_id),
  constraint ledger_entries_transaction_fk foreign key (transaction_id) references ledger_transactions (id),
  constraint ledger_entries_account_fk foreign key (account_id) references ledger_accounts (id),
  constraint ledger_entries_invoice_fk foreign key (invoice_id) references invoices (id),
  constraint ledger_entries_payment_fk foreign key (payment_id) references payments (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists ledger_entries;
