create table if not exists product_option_choices (
  id bigint unsigned not null auto_increment primary key,
  option_id bigint unsigned not null,
  label varchar(120) not null,
  code varchar(64) not null,
  is_default tinyint(1) not null default 0,
  status varchar(16) not null default 'active',
  sort_order int not null default 0,
  created_at datetime(3) not null,
  updated_at datetime(3) not null,
  unique key product_option_choices_code (option_id, code),
  constraint product_option_choices_option_fk foreign key (option_id) references product_options (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci;
-- down
drop table if exists product_option_choices;
