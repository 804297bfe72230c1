create table if not exists workspace_templates (
  id bigint unsigned not null auto_increment primary key,
  central_key varchar(60) character set ascii collate ascii_bin not null,
  name varchar(120) not null,
  description varchar(1000) not null,
  workspace_type varchar(16) not null,
  vcpu smallint unsigned not null,
  ram_mb int unsigned not null,
  preinstalled_apps json not null,
  icon varchar(40) character set ascii collate ascii_bin not null,
  sort_order int not null,
  status varchar(16) not null default 'active',
  seed_image_id varchar(64) character set ascii collate ascii_bin null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key workspace_templates_key (central_key),
  key workspace_templates_order (sort_order, id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists workspace_templates;
