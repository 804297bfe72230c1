create table if not exists tenant_members (
  tenant_id bigint unsigned not null,
  member_id bigint unsigned not null,
  role varchar(16) not null,
  created_at datetime(3) not null,
  primary key (tenant_id, member_id),
  key tenant_members_member (member_id),
  constraint tenant_members_tenant_fk foreign key (tenant_id) references tenants (id),
  constraint tenant_members_member_fk foreign key (member_id) references members (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tenant_members;
