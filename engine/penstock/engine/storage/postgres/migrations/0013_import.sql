-- Executions that were imported to be looked at. `execution_id` is the one under which they are found, null until the import
-- is whole; `original_id` is the one that they had. `head` and `tail` are the members of the document before and behind its
-- lists, as JSON; `summary` is a penstock.v1.ImportedExecution without the execution. `chain_head` is the last hash.
create table imports (
    import_id uuid primary key,
    account text not null,
    execution_id uuid,
    original_id uuid not null,
    chain_head bytea,
    head text not null,
    tail text,
    summary bytea,
    create_time timestamptz not null default now()
);
create unique index imports_by_execution on imports (account, execution_id) where execution_id is not null;
create index imports_by_account on imports (account, import_id desc);

-- The items of the lists of a document, as JSON. Kinds: 1 events, 2 nodes, 3 attempts, 4 pauses. `number` counts from 1 within
-- a kind; of an event it is the sequence. `type` is that of an event, 0 for the others.
create table import_items (
    import_id uuid not null,
    kind smallint not null check (kind in (1, 2, 3, 4)),
    number int not null,
    type smallint not null,
    node text,
    item text not null,
    primary key (import_id, kind, number)
);

-- Documents that come in parts, until the last one is there.
create table import_parts (
    account text not null,
    upload_id text not null,
    position bigint not null,
    data bytea not null,
    create_time timestamptz not null default now(),
    primary key (account, upload_id, position)
);
create index import_parts_by_time on import_parts (create_time);
