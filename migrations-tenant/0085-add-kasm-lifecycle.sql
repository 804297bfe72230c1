alter table kasm_workspaces
  add column region varchar(40) null,
  add column next_wish varchar(16) character set ascii collate ascii_bin null,
  add column stop_reason varchar(16) character set ascii collate ascii_bin null,
  add column started_by varchar(16) character set ascii collate ascii_bin null,
  add column archived_at datetime(3) null,
  add column keep_until datetime(3) null,
  add column expiry_warned_at datetime(3) null,
  add column auto_stop_idle_minutes smallint unsigned null,
  add column stop_at datetime(3) null,
  add column stop_why varchar(16) character set ascii collate ascii_bin null,
  add column auto_stop_announced_at datetime(3) null,
  add column extended_until datetime(3) null,
  add column user_disabled_at datetime(3) null,
  add column access_try_at datetime(3) null,
  add column group_joined_at datetime(3) null,
  add column suspected_at datetime(3) null,
  add column deleting_since datetime(3) null,
  modify column kasm_workspace_id varchar(64) character set ascii collate ascii_bin null,
  modify column kasm_user_id varchar(64) character set ascii collate ascii_bin null;
-- down
alter table kasm_workspaces
  drop column region, drop column next_wish, drop column stop_reason, drop column started_by, drop column archived_at, drop column keep_until, drop column expiry_warned_at,
  drop column auto_stop_idle_minutes, drop column stop_at, drop column stop_why, drop column auto_stop_announced_at, drop column extended_until, drop column user_disabled_at,
  drop column access_try_at, drop column group_joined_at, drop column suspected_at, drop column deleting_since;
