-- How many calls a key may make. `key_id` is '' for the keys of an account that have no row of their own. `set_by` is the
-- key that set it.
create table rate_limits (
    account text not null,
    key_id text not null,
    per_second float8 not null check (per_second > 0),
    burst int not null check (burst > 0),
    set_by text not null,
    update_time timestamptz not null,
    primary key (account, key_id)
);

-- How many executions may run at once. `flow` is '' for all of the account together. `when_full` is that of
-- penstock.v1.ExecutionLimit.
create table execution_limits (
    account text not null,
    flow text not null,
    running_max int not null check (running_max > 0),
    queued_max int not null check (queued_max >= 0),
    when_full smallint not null,
    set_by text not null,
    update_time timestamptz not null,
    primary key (account, flow)
);

-- Executions that such a limit counts, in the order in which they came, until they ended. `lease_id` is that of the process
-- that accepts them: it says whether one that is not there yet still may come. `is_replaced`: another one wants its place.
create table execution_places (
    execution_id uuid primary key,
    account text not null,
    flow text not null,
    number bigint not null generated always as identity,
    lease_id uuid not null,
    is_running boolean not null,
    is_replaced boolean not null default false
);
create index execution_places_by_number on execution_places (account, number);
