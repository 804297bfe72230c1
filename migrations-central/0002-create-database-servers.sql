create table if not exists database_servers (
  id bigint unsigned not null auto_increment primary key,
  name varchar(60) not null unique,
  host varchar(253) not null,
  port int unsigned not null,
  admin_user varchar(80) not null,
  admin_password_sealed varchar(1000) null,
  max_tenants int unsigned not null default 5000,
  status varchar(16) not null default 'active',
  created_at datetime(3) not null,
  updated_at datetime(3) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists database_servers;
