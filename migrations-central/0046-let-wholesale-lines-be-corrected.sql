alter table wholesale_invoice_lines modify column quantity_seconds bigint null;
-- down
alter table wholesale_invoice_lines modify column quantity_seconds bigint null;
