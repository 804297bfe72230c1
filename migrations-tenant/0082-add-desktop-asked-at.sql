alter table kasm_workspaces
  add column desktop_asked_at datetime(3) null;
-- down
alter table kasm_workspaces
  drop column desktop_asked_at;
