-- Everything that the engine keeps. Written to run on distributed Postgres as well: execution_id is in
-- every key of the hot tables, and there are no sequences, triggers or foreign keys on them.

-- API keys. Only a hash of the secret is kept.
create table api_keys (
    key_id text primary key,
    account text not null,
    name text not null,
    secret_hash bytea not null,
    create_time timestamptz not null default now(),
    revoke_time timestamptz
);

-- Packages by content. `descriptors` of the newest version of a name keep its field numbers.
create table packages (
    account text not null,
    digest text not null,
    name text not null,
    version text not null,
    package bytea not null,
    archive bytea not null,
    create_time timestamptz not null,
    primary key (account, digest)
);
create index packages_by_name on packages (account, name, create_time desc);

-- Drafts.
create table flows (
    account text not null,
    flow text not null,
    definition bytea not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (account, flow)
);

-- Compiled artifacts; never changed.
create table artifacts (
    graph_id text primary key,
    account text not null,
    flow text not null,
    version int not null,
    digest text not null,
    artifact bytea not null,
    create_time timestamptz not null,
    unique (account, flow, version),
    unique (account, flow, digest)
);

create table aliases (
    account text not null,
    flow text not null,
    alias text not null,
    graph_id text not null,
    update_time timestamptz not null,
    primary key (account, flow, alias)
);

-- One row per engine process that may drive executions. `epoch` fences: a journal transaction that
-- names another epoch commits nothing.
create table leases (
    lease_id uuid primary key,
    epoch int not null,
    instance text not null,
    process text not null,
    start_time timestamptz not null default now(),
    expire_time timestamptz not null
);

-- One row per execution: written when it is accepted, changed when it starts late and when it ends.
-- It holds the events EXECUTION_ACCEPTED (create_time), EXECUTION_STARTED (start_time) and the last one
-- (status, complete_time, last_sequence). Status numbers: penstock.v1.Execution.Status.
create table executions (
    execution_id uuid primary key,
    account text not null,
    flow text not null,
    graph_id text not null,
    version int not null,
    mode smallint not null check (mode in (1, 2)),
    status smallint not null check (status in (1, 2, 3, 4, 5, 6)),
    lease_id uuid not null,
    create_time timestamptz not null,
    start_time timestamptz,
    complete_time timestamptz,
    last_sequence int not null,
    attempt_count int not null default 0,
    failure_class smallint,
    failure bytea,
    cancel_reason text,
    labels jsonb not null,
    input bytea not null
) with (fillfactor = 90);
create index executions_live on executions (lease_id) where status in (1, 2);
create index executions_not_completed on executions (account, status, execution_id desc) where status <> 3;

-- One row per completed node (it is the checkpoint) and per frame. Types: penstock.v1.Event.Type.
create table events (
    execution_id uuid not null,
    sequence int not null,
    type smallint not null,
    node smallint not null,
    attempt smallint not null,
    branch smallint not null,
    frame_index int not null,
    event_time timestamptz not null,
    start_time timestamptz,
    payload bytea,
    failure bytea,
    reason text,
    primary key (execution_id, sequence)
);

-- Cancels that came to a process that does not drive the execution; the one that does takes them out.
create table cancel_requests (
    execution_id uuid primary key,
    reason text not null,
    create_time timestamptz not null default now()
);

-- Request ids that were used, so that a repeated call finds its execution.
create table request_ids (
    account text not null,
    request_id text not null,
    fingerprint bytea not null,
    execution_id uuid not null,
    create_time timestamptz not null,
    primary key (account, request_id)
);
