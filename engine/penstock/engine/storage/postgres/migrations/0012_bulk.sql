-- Acts on many executions. `request` is the penstock.v1.CreateBulkOperationRequest, `problems` a penstock.v1.BulkOperation
-- with these alone. States: penstock.v1.BulkOperation.State. `position` is the last execution that was acted on, `lot` those
-- that are being acted on: they are named before the first act, so that whoever goes on acts on the same ones. `lease_id` is
-- that of the process that does it.
create table bulk_operations (
    operation_id uuid primary key,
    account text not null,
    state smallint not null check (state in (1, 2, 3, 4, 5)),
    request bytea not null,
    request_id text not null,
    fingerprint bytea not null,
    key_id text not null,
    key_name text not null,
    matched bigint,
    done bigint not null default 0,
    skipped bigint not null default 0,
    failed bigint not null default 0,
    problems bytea not null default '',
    position uuid,
    lot uuid[] not null default '{}',
    is_stopped boolean not null default false,
    error text not null default '',
    revision bigint not null default 1,
    lease_id uuid,
    create_time timestamptz not null,
    start_time timestamptz,
    update_time timestamptz not null,
    complete_time timestamptz
);
create index bulk_operations_by_account on bulk_operations (account, operation_id desc);
create unique index bulk_operations_requests on bulk_operations (account, request_id) where request_id <> '';
create index bulk_operations_open on bulk_operations (account, operation_id) where complete_time is null;
