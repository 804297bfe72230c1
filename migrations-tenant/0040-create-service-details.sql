create table if not exists service_details (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  service_id bigint unsigned not null,
  position int unsigned not null,
  label varchar(60) not null,
  value varchar(500) null,
  value_sealed varchar(1500) character set ascii collate ascii_bin null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key service_details_position (service_id, position),
  constraint service_details_service_fk foreign key (service_id) references services (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists service_details;
