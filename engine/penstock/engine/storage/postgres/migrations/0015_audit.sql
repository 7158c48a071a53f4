-- Calls that were to change something. Nothing changes a row or takes one out. `record` is a JSON array, its members those
-- of penstock.v1.AuditRecord up to `request_id` in their order; `hash` binds it, as it stands, to the one before.
create table audit_records (
    account text not null,
    number bigint not null,
    record text not null,
    hash bytea not null,
    primary key (account, number)
);

-- The last record of each account. Whoever adds records holds it to the commit.
create table audit_heads (
    account text primary key,
    number bigint not null,
    hash bytea not null
);
