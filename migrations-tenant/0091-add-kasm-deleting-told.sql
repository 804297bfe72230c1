alter table kasm_workspaces add column deleting_told_at datetime(3) null;
-- down
alter table kasm_workspaces drop column deleting_told_at;
