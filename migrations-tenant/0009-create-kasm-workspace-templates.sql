create table if not exists kasm_workspace_templates (
  id bigint unsigned not null auto_increment primary key,
  name varchar(120) not null,
  description varchar(1000) not null default '',
  workspace_type varchar(16) not null,
  kasm_template_id char(32) character set ascii collate ascii_bin not null,
  icon_url varchar(255) null,
  vcpu_default smallint unsigned not null,
  ram_mb_default int unsigned not null,
  preinstalled_apps json not null,
  status varchar(16) not null default 'active',
  sort_order int not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  key kasm_templates_shop (workspace_type, status, sort_order)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists kasm_workspace_templates;
