create table if not exists tenant_branding (
  tenant_id bigint unsigned not null primary key,
  company_name varchar(120) not null,
  logo_url varchar(255) null,
  favicon_url varchar(255) null,
  primary_color char(7) not null,
  secondary_color char(7) not null,
  support_email varchar(254) not null,
  support_phone varchar(40) null,
  from_email varchar(254) null,
  from_name varchar(120) not null,
  legal_name varchar(120) not null,
  legal_address json not null,
  tax_id varchar(32) null,
  custom_css mediumtext null,
  updated_at datetime(3) not null,
  constraint tenant_branding_tenant_fk foreign key (tenant_id) references tenants (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists tenant_branding;
