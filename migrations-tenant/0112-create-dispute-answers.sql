create table if not exists dispute_answers (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  dispute_id bigint unsigned not null,
  round int unsigned not null,
  kind varchar(16) not null,
  status varchar(16) not null,
  evidence json not null,
  attach_receipt tinyint(1) not null default 0,
  receipt mediumblob null,
  receipt_name varchar(120) null,
  version int unsigned not null default 1,
  tries int unsigned not null default 0,
  idempotency_key varchar(120) character set ascii collate ascii_bin null unique,
  submissions_before int unsigned not null default 0,
  problem varchar(255) null,
  next_check_at datetime(3) null,
  checks int unsigned not null default 0,
  claimed_at datetime(3) null,
  settled_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key dispute_answers_round (dispute_id, round),
  key dispute_answers_check (next_check_at),
  constraint dispute_answers_dispute_fk foreign key (dispute_id) references disputes (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists dispute_answers;
