alter table kasm_workspace_templates
  add column central_key varchar(60) character set ascii collate ascii_bin null,
  add column images json null,
  add column icon varchar(40) character set ascii collate ascii_bin null,
  add column enabled tinyint(1) not null default 1,
  add column own_name varchar(120) null,
  add column own_description varchar(1000) null,
  add column own_icon varchar(40) character set ascii collate ascii_bin null,
  add column own_sort_order int null,
  modify column kasm_template_id varchar(64) character set ascii collate ascii_bin not null,
  add unique key kasm_templates_central (central_key);
-- down
alter table kasm_workspace_templates
  drop column central_key, drop column images, drop column icon, drop column enabled, drop column own_name, drop column own_description, drop column own_icon, drop column own_sort_order,
  modify column kasm_template_id char(32) character set ascii collate ascii_bin not null;
