-- The transaction in which an execution started, for one that had to wait for a place; null when it started with its
-- acceptance (see create_xid). So each event that its row stands for has a transaction of its own.
alter table executions add column start_xid bigint;
create index executions_by_start_xid on executions (start_xid) where start_xid is not null;

-- The newest transaction of which rows of an account were removed: who has read less far may have missed something.
create table removed_up_to (
    account text primary key,
    xid bigint not null
);
