-- Statuses 7 PAUSED, 8 WAITING_ON_GATE and 9 COMPENSATING. `options` is what an execution was accepted with beside its
-- input (penstock.v1.ExecutionOptions), null for nothing. `parent_id` and `parent_node` are the execution and the index
-- of its node whose sub-flow it is. `webhook_time` is when its result is to be sent: 'infinity' until it ends, null when
-- it goes nowhere or was sent.
alter table executions
    drop constraint executions_status_check,
    add constraint executions_status_check check (status in (1, 2, 3, 4, 5, 6, 7, 8, 9)),
    add column options bytea,
    add column parent_id uuid,
    add column parent_node smallint,
    add column webhook_time timestamptz;
drop index executions_live;
create index executions_live on executions (lease_id) where complete_time is null;
create index executions_children on executions (parent_id) where parent_id is not null;
create index executions_webhook_due on executions (webhook_time) where webhook_time is not null;

-- What few events say beside the rest: a penstock.v1.Event with these fields alone.
alter table events add column detail bytea;
-- Pauses are found by what their executions waited for and what was decided.
create index events_waits on events (execution_id, sequence) where type in (19, 21);

alter type journal_event add attribute detail bytea;
alter type journal_acceptance
    add attribute options bytea,
    add attribute parent_id uuid,
    add attribute parent_node smallint,
    add attribute webhook_time timestamptz;

-- What came to a process that does not drive the execution; the one that does takes it out when it is done. `kind` is
-- the type of the event that it is to become, `detail` and `payload` what that is to hold.
create table commands (
    command_id uuid primary key,
    execution_id uuid not null,
    kind smallint not null,
    detail bytea not null,
    payload bytea,
    create_time timestamptz not null default now()
);
create index commands_by_execution on commands (execution_id);
insert into commands (command_id, execution_id, kind, detail, create_time)
select gen_random_uuid(), execution_id, 5, convert_to('', 'UTF8'), create_time from cancel_requests;
drop table cancel_requests;
