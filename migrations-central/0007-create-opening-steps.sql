create table if not exists opening_steps (
  tenant_id bigint unsigned not null,
  step varchar(24) not null,
  position tinyint unsigned not null,
  status varchar(16) not null,
  attempts int unsigned not null default 0,
  detail varchar(500) null,
  error varchar(1000) null,
  started_at datetime(3) null,
  finished_at datetime(3) null,
  primary key (tenant_id, step),
  constraint opening_steps_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists opening_steps;
