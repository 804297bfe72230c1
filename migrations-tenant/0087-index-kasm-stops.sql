alter table kasm_workspaces add key kasm_workspaces_stops (status, stop_at);
-- down
alter table kasm_workspaces drop key kasm_workspaces_stops;
