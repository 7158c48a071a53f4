-- Rows as the journal hands them over, many in one array. They are types of their own, so that a table can get a
-- column while processes of the version before still write. Their packed form is in postgres/journal_rows.py.
create type journal_event as (
    execution_id uuid,
    sequence int,
    type smallint,
    node smallint,
    attempt smallint,
    branch smallint,
    frame_index int,
    event_time timestamptz,
    start_time timestamptz,
    payload bytea,
    failure bytea,
    reason text
);

create type journal_acceptance as (
    execution_id uuid,
    status smallint,
    last_sequence int,
    create_time timestamptz,
    start_time timestamptz,
    input bytea,
    labels jsonb,
    account text,
    flow text,
    graph_id text,
    version int,
    mode smallint
);

-- How an execution moves on: its late start, or its end.
create type journal_move as (
    execution_id uuid,
    status smallint,
    last_sequence int,
    attempt_count int,
    start_time timestamptz,
    complete_time timestamptz,
    failure_class smallint,
    failure bytea,
    cancel_reason text
);
