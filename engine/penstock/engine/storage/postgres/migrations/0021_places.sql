-- How many executions of a flow have a place, and how many wait for one: the sums of execution_places. Whoever changes the
-- places of an account holds its lock and changes these with them, so that nobody has to count rows.
create table place_counts (
    account text not null,
    flow text not null,
    running int not null,
    waiting int not null,
    primary key (account, flow)
) with (fillfactor = 50);
insert into place_counts (account, flow, running, waiting)
select account, flow, count(*) filter (where is_running), count(*) filter (where not is_running)
from execution_places group by account, flow;

-- Who waits, in their order, and who has to make room.
create index execution_places_waiting on execution_places (account, flow, number) where not is_running;
create index execution_places_replaced on execution_places (execution_id) where is_replaced;

-- Gives places to those who wait, in their order, as far as both limits of each allow; who got one. One that waits for its
-- flow keeps nobody from a place of the account. Whoever calls it holds the account's lock.
create function penstock_fill_places(for_account text) returns table (started_id uuid) language sql as $$
    with every as (
        select greatest(l.running_max - (select sum(c.running) from place_counts c where c.account = for_account), 0) as room
        from execution_limits l where l.account = for_account and l.flow = ''),
    waiting as (
        select c.flow, least(every.room, case when l.flow is null then c.waiting
            else greatest(least(c.waiting, l.running_max - c.running), 0) end) as room
        from place_counts c left join execution_limits l on l.account = c.account and l.flow = c.flow
            left join every on true
        where c.account = for_account and c.waiting > 0),
    picked as (
        select head.execution_id from waiting cross join lateral (
            select p.execution_id, p.number from execution_places p
            where p.account = for_account and p.flow = waiting.flow and not p.is_running and not p.is_replaced
            order by p.number limit waiting.room) head
        order by head.number limit (select every.room from every)),
    filled as (
        update execution_places p set is_running = true from picked
        where p.execution_id = picked.execution_id returning p.execution_id, p.flow),
    counted as (
        update place_counts c set running = c.running + f.count, waiting = c.waiting - f.count
        from (select flow, count(*)::int as count from filled group by flow) f
        where c.account = for_account and c.flow = f.flow)
    select execution_id from filled
$$;

-- One turn of an account: who left is taken out unless some process runs it, who waits gets what is free, and who comes
-- is let in, in their order. It is one statement, so that no process keeps the lock while it does something else.
-- A row for each that came and does not simply run (what: 0 no limit is about it, 1 waits, 2 is refused, by this limit),
-- that waited and got a place (3), and that has to make room (4). when_full is that of penstock.v1.ExecutionLimit: 1 is
-- REJECT, 2 is QUEUE, 3 is REPLACE.
create function penstock_take_turn(
    for_account text, by_lease uuid, gone_ids uuid[], new_ids uuid[], new_flows text[], new_can_wait boolean[]
) returns table (what int, id uuid, limit_flow text, running_max int, queued_max int, when_full int) language plpgsql as $$
declare
    every execution_limits;
    own execution_limits;
    refusing execution_limits;
    now_every place_counts;
    now_own place_counts;
    has_place boolean[] := array_fill(null::boolean, array[cardinality(new_ids)]);
    crowded text[];
begin
    perform pg_advisory_xact_lock(hashtextextended(for_account, 16));
    with gone as (
        delete from execution_places p using unnest(gone_ids) g(id)
        where p.execution_id = g.id and p.account = for_account and not exists (
            select 1 from executions e where e.execution_id = p.execution_id and e.complete_time is null)
        returning p.flow, p.is_running)
    update place_counts c set running = c.running - g.running, waiting = c.waiting - g.waiting
    from (select flow, count(*) filter (where is_running)::int as running, count(*) filter (where not is_running)::int
              as waiting from gone group by flow) g
    where c.account = for_account and c.flow = g.flow;

    select for_account, '', coalesce(sum(c.running), 0), coalesce(sum(c.waiting), 0) into now_every
    from place_counts c where c.account = for_account;
    if now_every.waiting > 0 then
        return query select 3, started_id, '', 0, 0, 0 from penstock_fill_places(for_account);
        select for_account, '', coalesce(sum(c.running), 0), coalesce(sum(c.waiting), 0) into now_every
        from place_counts c where c.account = for_account;
    end if;

    select l.* into every from execution_limits l where l.account = for_account and l.flow = '';
    for n in 1 .. cardinality(new_ids) loop
        if own.flow is null or own.flow <> new_flows[n] then
            if now_own.flow is not null then
                insert into place_counts values (for_account, now_own.flow, now_own.running, now_own.waiting) on conflict (account, flow)
                do update set running = excluded.running, waiting = excluded.waiting;
            end if;
            select l.* into own from execution_limits l where l.account = for_account and l.flow = new_flows[n];
            own.flow := new_flows[n];
            select c.* into now_own from place_counts c where c.account = for_account and c.flow = new_flows[n];
            now_own := (for_account, new_flows[n], coalesce(now_own.running, 0), coalesce(now_own.waiting, 0));
        end if;
        refusing := null;
        if own.running_max is null and every.running_max is null then
            return query select 0, new_ids[n], '', 0, 0, 0;
            continue;
        end if;
        if now_own.running < coalesce(own.running_max, 2147483647)
                and now_every.running < coalesce(every.running_max, 2147483647) then
            now_own.running := now_own.running + 1;
            now_every.running := now_every.running + 1;
            has_place[n] := true;
            continue;
        end if;
        -- What waits for another limit has a place under this one as soon as there is one.
        if now_own.running + now_own.waiting >= own.running_max
                and (own.when_full = 1 or own.when_full = 2 and now_own.waiting >= own.queued_max) then
            refusing := own;
        elsif now_every.running + now_every.waiting >= every.running_max
                and (every.when_full = 1 or every.when_full = 2 and now_every.waiting >= every.queued_max) then
            refusing := every;
        elsif not new_can_wait[n] then
            refusing := case when now_own.running >= own.running_max then own else every end;
        end if;
        if refusing.running_max is not null then
            return query select 2, new_ids[n], refusing.flow, refusing.running_max, refusing.queued_max,
                refusing.when_full::int;
        else
            now_own.waiting := now_own.waiting + 1;
            now_every.waiting := now_every.waiting + 1;
            has_place[n] := false;
            return query select 1, new_ids[n], '', 0, 0, 0;
            if own.when_full = 3 then
                crowded := crowded || own.flow;
            end if;
            if every.when_full = 3 then
                crowded := crowded || every.flow;
            end if;
        end if;
    end loop;
    if now_own.flow is not null then
        insert into place_counts values (for_account, now_own.flow, now_own.running, now_own.waiting) on conflict (account, flow)
        do update set running = excluded.running, waiting = excluded.waiting;
    end if;
    insert into execution_places (execution_id, account, flow, lease_id, is_running)
    select a.id, for_account, a.flow, by_lease, a.has_place
    from unnest(new_ids, new_flows, has_place) with ordinality a(id, flow, has_place, number)
    where a.has_place is not null order by a.number;

    -- The oldest make room, so that no more are left than may run.
    return query
    update execution_places r set is_replaced = true from (
        select o.execution_id from execution_limits l cross join lateral (
            select p.execution_id from execution_places p
            where p.account = for_account and (l.flow = '' or p.flow = l.flow) and not p.is_replaced
            order by p.number desc offset l.running_max) o
        where l.account = for_account and l.flow = any(crowded)) o
    where r.execution_id = o.execution_id returning 4, r.execution_id, '', 0, 0, 0;
end
$$;
