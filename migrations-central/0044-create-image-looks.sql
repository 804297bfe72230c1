create table if not exists image_looks (
  provider_connection_id bigint unsigned not null primary key,
  looked_at datetime(3) null,
  tried_at datetime(3) null,
  found int unsigned not null default 0,
  last_error varchar(500) null,
  updated_at datetime(3) not null,
  constraint image_looks_connection_fk foreign key (provider_connection_id) references provider_connections (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists image_looks;
