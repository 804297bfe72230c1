create table if not exists provider_images (
  id bigint unsigned not null auto_increment primary key,
  provider_connection_id bigint unsigned not null,
  image_id varchar(64) character set ascii collate ascii_bin not null,
  name varchar(255) not null,
  description varchar(1000) not null default '',
  categories json not null,
  vcpu smallint unsigned not null,
  ram_mb int unsigned not null,
  available tinyint(1) not null,
  first_seen_at datetime(3) not null,
  last_seen_at datetime(3) not null,
  missing_since datetime(3) null,
  changed_at datetime(3) null,
  set_aside_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key provider_images_image (provider_connection_id, image_id),
  constraint provider_images_connection_fk foreign key (provider_connection_id) references provider_connections (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists provider_images;
