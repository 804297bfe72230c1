alter table disputes add column needs_answer tinyint(1) not null default 1, add column submissions int unsigned not null default 0, add column answered_at datetime(3) null, add column reminded_at datetime(3) null;
-- down
alter table disputes drop column needs_answer, drop column submissions, drop column answered_at, drop column reminded_at;
