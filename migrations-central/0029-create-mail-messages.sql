create table if not exists mail_messages (
  id bigint unsigned not null auto_increment primary key,
  business_key varchar(120) character set ascii collate ascii_bin not null unique,
  letter varchar(64) not null,
  tenant_id bigint unsigned null,
  to_email varchar(254) not null,
  to_name varchar(120) not null,
  from_email varchar(254) not null,
  from_name varchar(120) not null,
  reply_to varchar(254) null,
  subject varchar(255) not null,
  html mediumtext not null,
  text mediumtext not null,
  attachments json not null,
  status varchar(16) not null,
  attempts int unsigned not null default 0,
  next_attempt_at datetime(3) not null,
  claimed_at datetime(3) null,
  error varchar(500) null,
  created_at datetime(3) not null,
  sent_at datetime(3) null,
  key mail_messages_waiting (status, next_attempt_at),
  key mail_messages_tenant (tenant_id, id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists mail_messages;
