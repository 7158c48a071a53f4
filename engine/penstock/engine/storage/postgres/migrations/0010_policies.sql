-- Policies as they stand. `policy` is a serialized penstock.v1.Policy without its times. One that was removed stays as a
-- row, so that every process hears of it: `change` is the place of its last change among the changes of all accounts.
create table policies (
    account text not null,
    policy_id text not null,
    version int not null,
    change bigint not null,
    is_gone boolean not null,
    policy bytea not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (account, policy_id)
);
create index policies_changes on policies (change);

-- The newest versions of each policy, also of those that were removed: decisions name them. Never changed.
create table policy_versions (
    account text not null,
    policy_id text not null,
    version int not null,
    policy bytea not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (account, policy_id, version)
);

-- The number of the last change, in its one row. Whoever changes a policy holds it to the commit, so that changes can be
-- seen in no other order than that of their numbers.
create table policy_changes (
    is_only boolean primary key default true check (is_only),
    last bigint not null
);
insert into policy_changes (last) values (0);
