-- Keys of accounts that seal what flows through artifacts with sensitive fields: see storage/data_keys.py. Each is
-- sealed itself by the master key. One that was replaced still opens what it sealed.
create table data_keys (
    key_id bytea primary key,
    account text not null,
    sealed bytea not null,
    is_current boolean not null default true,
    create_time timestamptz not null default now()
);
create unique index data_keys_current on data_keys (account) where is_current;
