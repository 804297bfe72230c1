create table if not exists kasm_credit_alerts (
  user_id bigint unsigned not null primary key,
  level varchar(16) character set ascii collate ascii_bin not null,
  since datetime(3) not null,
  constraint kasm_credit_alerts_user_fk foreign key (user_id) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_credit_alerts;
