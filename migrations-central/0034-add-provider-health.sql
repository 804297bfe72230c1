alter table provider_connections
  add column label varchar(80) null,
  add column region varchar(40) null,
  add column max_sessions int unsigned null,
  add column sessions int unsigned null,
  add column sessions_at datetime(3) null,
  add column failures int unsigned not null default 0,
  add column failing_since datetime(3) null,
  add column last_error_code varchar(40) null,
  add column strangers_at datetime(3) null;
-- down
alter table provider_connections
  drop column label, drop column region, drop column max_sessions, drop column sessions, drop column sessions_at,
  drop column failures, drop column failing_since, drop column last_error_code, drop column strangers_at;
