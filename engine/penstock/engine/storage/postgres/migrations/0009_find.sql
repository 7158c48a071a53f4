-- A text field of a serialized penstock.v1.Failure by its number, null when it is not set: 1 is the code, 4 the node.
-- What failed is found by it without a column that every execution would have.
create function penstock_failure_text(failure bytea, field int) returns text
language plpgsql immutable strict parallel safe as $$
declare
    place int := 0;
    tag int;
    length int;
    shift int;
    octet int;
begin
    while place < octet_length(failure) loop
        tag := get_byte(failure, place);
        place := place + 1;
        length := 0;
        shift := 0;
        loop
            octet := get_byte(failure, place);
            place := place + 1;
            length := length | ((octet & 127) << shift);
            exit when octet < 128;
            shift := shift + 7;
        end loop;
        -- All fields are numbers or have a length, and their tags take one byte.
        if tag & 7 = 2 then
            if tag >> 3 = field then
                return convert_from(substring(failure from place + 1 for length), 'UTF8');
            end if;
            place := place + length;
        end if;
    end loop;
    return null;
end $$;

-- Ids go up, so that an index grows at the end of each part of it; lists read it backwards.
-- Those that have ended, by flow and how: written once, at the end. Those in flight are few, and found by their status.
create index executions_ended on executions (account, flow, status, execution_id, version)
    where complete_time is not null;
drop index executions_not_completed;
create index executions_not_completed on executions (account, status, execution_id, flow, failure_class)
    where status <> 3;
create index executions_failure_code on executions (account, penstock_failure_text(failure, 1), execution_id)
    where failure is not null;
create index executions_failure_node on executions
    (account, coalesce(penstock_failure_text(failure, 4), ''), execution_id) where failure is not null;
-- Those that took a second or more: what is fast costs nothing here.
create index executions_slow on executions (account, (complete_time - create_time) desc, execution_id desc)
    where complete_time - create_time >= interval '1 second';
-- By when they ended: rows come nearly in that order, so a summary of each few pages finds them at next to no cost.
create index executions_by_end on executions using brin (complete_time) with (pages_per_range = 16, autosummarize = on);
create index executions_labels on executions using gin (labels jsonb_path_ops) with (fastupdate = off)
    where complete_time is not null and labels <> '{}'::jsonb;

-- Names of the nodes of an artifact in order; null for one that a version before compiled and nobody asked for since.
alter table artifacts add column nodes text[];

-- Fields that artifacts declare as searchable. Kinds: penstock.v1.SearchableField.Kind. `choices` are the names of an
-- enum's values, those of all versions.
create table search_fields (
    account text not null,
    flow text not null,
    path text not null,
    kind smallint not null check (kind in (1, 2, 3, 4, 5)),
    choices text[] not null,
    primary key (account, flow, path, kind)
);

-- Values of those fields, each as text or as a number. Kept as long as the execution.
create table search_values (
    execution_id uuid not null,
    path text collate "C" not null,
    account text not null,
    text_value text collate "C",
    number_value numeric,
    primary key (execution_id, path),
    check ((text_value is null) <> (number_value is null))
);
create index search_values_text on search_values (account, path, text_value, execution_id)
    where text_value is not null;
create index search_values_number on search_values (account, path, number_value, execution_id)
    where number_value is not null;

-- As the journal hands them over; a number comes as text.
create type journal_value as (
    execution_id uuid,
    path text,
    account text,
    text_value text,
    number_value text
);
