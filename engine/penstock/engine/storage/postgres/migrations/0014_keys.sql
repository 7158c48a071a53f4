-- What a key may do, until when it is good and when it was seen. A hash is keyed by the master key of that id; null: by
-- none. After a rotation the secret before is good until `old_expire_time`. `created_by` is the key that made it, '' for
-- whoever runs the server.
alter table api_keys
    add column scopes text[] not null default '{admin}',
    add column created_by text not null default '',
    add column expire_time timestamptz,
    add column use_time timestamptz,
    add column rotate_time timestamptz,
    add column master_key_id bytea,
    add column old_secret_hash bytea,
    add column old_master_key_id bytea,
    add column old_expire_time timestamptz;
create index api_keys_by_time on api_keys (account, create_time desc, key_id desc);

create table accounts (
    account text primary key,
    create_time timestamptz not null default now()
);
insert into accounts (account, create_time) select account, min(create_time) from api_keys group by account;
