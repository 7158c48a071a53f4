-- How long executions are kept after they ended. `flow` is '' for the flows of an account that have no row of their own.
-- `period_s` null: for ever.
create table retention_policies (
    account text not null,
    flow text not null,
    period_s bigint check (period_s > 0),
    key_id text not null,
    update_time timestamptz not null,
    primary key (account, flow)
);
-- The shortest one says how old an execution must be before anybody looks at it.
create index retention_policies_by_period on retention_policies (period_s);

-- Who removes what is too old, and how far that is: one row. `holder` does it until `hold_time`. All executions that were
-- accepted in the hours before `frontier` (hours of unix time) were looked at; what was kept of them is in
-- retention_hours. `policy_count` counts changes of policies; `default_s` is the server's setting that they were looked
-- at with, null for ever. `ask_count` says how often somebody wanted a sweep at once, `answer_count` how many of these
-- there were.
create table retention_sweep (
    is_only boolean primary key default true check (is_only),
    holder uuid,
    hold_time timestamptz not null default '-infinity',
    frontier int not null default 0,
    policy_count bigint not null default 0,
    default_s bigint,
    ask_count bigint not null default 0,
    answer_count bigint not null default 0,
    start_time timestamptz,
    end_time timestamptz,
    problem text not null default ''
);
insert into retention_sweep default values;

-- Hours in which executions were accepted that were kept: when the first of them may go, and when it is worth to look
-- again; in microseconds of unix time, the largest number for never.
create table retention_hours (
    hour int primary key,
    due_us bigint not null,
    look_us bigint not null
);
create index retention_hours_by_look on retention_hours (look_us);

-- What was removed of an account.
create table retention_tallies (
    account text primary key,
    removed_count bigint not null,
    archived_count bigint not null,
    remove_time timestamptz not null
);

-- Request ids that are of no use any more are found by their time.
create index request_ids_by_time on request_ids (create_time);
