create table if not exists workspace_template_images (
  id bigint unsigned not null auto_increment primary key,
  template_id bigint unsigned not null,
  provider_connection_id bigint unsigned not null,
  provider_image_id bigint unsigned not null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key workspace_template_images_one (template_id, provider_connection_id),
  key workspace_template_images_image (provider_image_id),
  constraint workspace_template_images_template_fk foreign key (template_id) references workspace_templates (id),
  constraint workspace_template_images_image_fk foreign key (provider_image_id) references provider_images (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists workspace_template_images;
