-- Who may act on some flows alone sees the bulk operations that they asked for themselves.
create index bulk_operations_by_key on bulk_operations (account, key_id, operation_id desc);

-- What each execution used in all, and the days of its first and its last report: whoever asks which used most reads the
-- first of these in place of all that was used.
create table usage_totals (
    execution_id uuid primary key,
    account text not null,
    flow text not null,
    first_day date not null,
    last_day date not null,
    calls bigint not null,
    input_tokens numeric not null,
    cached_tokens numeric not null,
    output_tokens numeric not null,
    cost_nanos numeric not null
);
create index usage_totals_by_cost on usage_totals (account, flow, last_day, cost_nanos desc, execution_id)
    include (first_day);
-- Those that a question for some days may be about in part.
create index usage_totals_of_days on usage_totals (account, last_day, first_day) where first_day < last_day;

-- The sums of usage_executions: of a day, without what was removed with its executions.
create table usage_kept (
    account text not null,
    day date not null,
    flow text not null,
    calls bigint not null,
    input_tokens numeric not null,
    cached_tokens numeric not null,
    output_tokens numeric not null,
    cost_nanos numeric not null,
    primary key (account, day, flow)
);

insert into usage_totals
select execution_id, account, flow, min(day), max(day), sum(calls), sum(input_tokens), sum(cached_tokens),
  sum(output_tokens), sum(cost_nanos)
from usage_executions group by execution_id, account, flow;
insert into usage_kept
select account, day, flow, sum(calls), sum(input_tokens), sum(cached_tokens), sum(output_tokens), sum(cost_nanos)
from usage_executions group by account, day, flow;
