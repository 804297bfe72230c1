alter table kasm_workspaces add key kasm_workspaces_kasm_user (kasm_user_id);
-- down
alter table kasm_workspaces drop key kasm_workspaces_kasm_user;
