alter table kasm_usage_sessions add column provider_started_at datetime(3) null;
-- down
alter table kasm_usage_sessions drop column provider_started_at;
