alter table kasm_workspaces add key kasm_workspaces_kept (status, keep_until);
-- down
alter table kasm_workspaces drop key kasm_workspaces_kept;
