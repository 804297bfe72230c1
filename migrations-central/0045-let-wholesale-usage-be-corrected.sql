alter table wholesale_usage modify column quantity_seconds bigint not null;
-- down
alter table wholesale_usage modify column quantity_seconds bigint not null;
