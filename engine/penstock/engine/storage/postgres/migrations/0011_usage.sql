-- What nodes reported that they used, added up. Costs are nanos of a US dollar. The sums of a day stay when its
-- executions are gone; those of an execution go with it.
create table usage_days (
    account text not null,
    day date not null,
    flow text not null,
    node text not null,
    provider text not null,
    model text not null,
    calls bigint not null,
    input_tokens numeric not null,
    cached_tokens numeric not null,
    output_tokens numeric not null,
    cost_nanos numeric not null,
    primary key (account, day, flow, node, provider, model)
);
create table usage_executions (
    execution_id uuid not null,
    account text not null,
    day date not null,
    flow text not null,
    node text not null,
    provider text not null,
    model text not null,
    calls bigint not null,
    input_tokens numeric not null,
    cached_tokens numeric not null,
    output_tokens numeric not null,
    cost_nanos numeric not null,
    primary key (execution_id, day, node, provider, model)
);
create index usage_executions_by_day on usage_executions (account, day);

-- One row: the transaction up to which reports are added up. Who holds it adds up or changes budgets. `changes` counts
-- what may block executions now or does no more, so that every process notices.
create table usage_progress (
    only_one boolean primary key default true check (only_one),
    xid bigint not null,
    changes bigint not null
);
insert into usage_progress (xid, changes) values (0, 0);

-- Budgets. `budget` is a serialized penstock.v1.Budget; what is asked for stands in columns as well: '' for all. States
-- and actions: as there. State and what was spent are those of the period that began at `period_start`; null when that
-- has to be added up anew.
create table budgets (
    account text not null,
    budget_id text not null,
    flow text not null,
    provider text not null,
    model text not null,
    period smallint not null check (period in (1, 2, 3)),
    action smallint not null check (action in (1, 2)),
    state smallint not null check (state in (1, 2, 3)),
    period_start date,
    spent_nanos numeric not null,
    spent_tokens numeric not null,
    budget bytea not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    primary key (account, budget_id)
);
create index budgets_that_block on budgets (account) where action = 2 and state = 3;
