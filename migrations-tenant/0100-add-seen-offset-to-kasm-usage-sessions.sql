alter table kasm_usage_sessions add column seen_offset_ms bigint not null default 0;
-- down
alter table kasm_usage_sessions drop column seen_offset_ms;
