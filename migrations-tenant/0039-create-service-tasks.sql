create table if not exists service_tasks (
  id bigint unsigned not null auto_increment primary key,
  public_id char(20) not null unique,
  service_id bigint unsigned not null,
  kind varchar(16) not null,
  status varchar(16) not null,
  note varchar(2000) not null default '',
  event_id bigint unsigned null,
  open_service_id bigint unsigned generated always as (if(status = 'open' and event_id is null, service_id, null)) stored,
  done_at datetime(3) null,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key service_tasks_one_open (open_service_id, kind),
  unique key service_tasks_event (event_id, kind),
  key service_tasks_status (status, created_at),
  constraint service_tasks_service_fk foreign key (service_id) references services (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists service_tasks;
