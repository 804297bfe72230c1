create table if not exists audit_findings (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  check_name varchar(64) not null,
  subject varchar(160) not null,
  message varchar(500) not null,
  status varchar(16) not null,
  note varchar(1000) null,
  explained_by varchar(120) null,
  explained_at datetime(3) null,
  first_seen_at datetime(3) not null,
  last_seen_at datetime(3) not null,
  unique key audit_findings_one (check_name, subject),
  key audit_findings_status (status, last_seen_at)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists audit_findings;
