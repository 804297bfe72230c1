alter table kasm_workspaces add column login_name varchar(120) null;
-- down
alter table kasm_workspaces drop column login_name;
