-- Config profiles. `profile` is a serialized penstock.v1.Config; what is asked for stands in columns as well. `flow` is ''
-- for those of every flow.
create table configs (
    account text not null,
    config_id text not null,
    flow text not null,
    is_default boolean not null,
    profile bytea not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (account, config_id)
);
create unique index configs_default on configs (account, flow) where is_default;

-- Secrets, sealed: see storage/sealing.py. The context of a seal is ('secrets', account, name).
create table secrets (
    account text not null,
    name text not null,
    sealed bytea not null,
    key_id text not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (account, name)
);

-- Outputs of nodes kept for later executions. An entry is first a reservation of who computes it, named by `ticket`: it
-- stands until it expires or the lease of its process is fenced. `output` is null that long.
create table cache_entries (
    account text not null,
    key bytea not null,
    output bytea,
    ticket uuid,
    lease_id uuid,
    create_time timestamptz not null,
    expire_time timestamptz not null,
    primary key (account, key),
    check ((output is null) = (ticket is not null) and (ticket is null) = (lease_id is null))
);
create index cache_entries_expired on cache_entries (expire_time) where expire_time < 'infinity';
