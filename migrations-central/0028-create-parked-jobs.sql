create table if not exists parked_jobs (
  id bigint unsigned not null auto_increment primary key,
  job_name varchar(80) not null,
  tenant_uuid char(36) character set ascii collate ascii_bin null,
  payload json not null,
  reason varchar(64) not null,
  error varchar(1000) null,
  parked_at datetime(3) not null,
  resumed_at datetime(3) null,
  key parked_jobs_open (resumed_at, parked_at)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists parked_jobs;
