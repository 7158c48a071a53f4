-- Tries to deliver the result of an execution to its webhook. Never changed. States: penstock.v1.WebhookDelivery.State.
-- When the next one is due stands in executions.webhook_time.
create table webhook_deliveries (
    execution_id uuid not null,
    number int not null,
    account text not null,
    state smallint not null check (state in (1, 2, 3)),
    delivery_time timestamptz not null,
    duration_us bigint not null,
    url text not null,
    status_code int,
    error text not null,
    response bytea not null,
    next_time timestamptz,
    primary key (execution_id, number)
);
create index webhook_deliveries_by_time on webhook_deliveries
    (account, delivery_time desc, execution_id desc, number desc);

-- What the webhooks of an account are signed with, sealed with the master key. The newest has no end; those before it
-- sign beside it until theirs.
create table webhook_secrets (
    account text not null,
    number int not null,
    secret bytea not null,
    create_time timestamptz not null,
    expire_time timestamptz,
    primary key (account, number)
);
