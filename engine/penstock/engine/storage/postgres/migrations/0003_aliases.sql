-- An alias may stand for several artifacts by weight: a list of {graph_id, version, weight} in order of the versions,
-- whose weights add up to 100. `number` is that of its last move.
alter table aliases add column targets jsonb, add column number int, add column key_id text;
update aliases set number = 1, key_id = '', targets = (
    select jsonb_build_array(jsonb_build_object('graph_id', a.graph_id, 'version', a.version, 'weight', 100))
    from artifacts a where a.graph_id = aliases.graph_id
);
alter table aliases
    alter column targets set not null,
    alter column number set not null,
    alter column key_id set not null,
    drop column graph_id;

-- Every move of an alias, also of those that are gone. Never changed. `before` and `after` are as `targets`, [] for none.
create table alias_moves (
    account text not null,
    flow text not null,
    alias text not null,
    number int not null,
    before jsonb not null,
    after jsonb not null,
    key_id text not null,
    move_time timestamptz not null,
    primary key (account, flow, alias, number)
);
create index alias_moves_by_time on alias_moves (account, flow, move_time desc, alias desc, number desc);
insert into alias_moves (account, flow, alias, number, before, after, key_id, move_time)
select account, flow, alias, 1, '[]', targets, '', update_time from aliases;

-- Whether an artifact should still be used: 1 ACTIVE, 2 DEPRECATED, 3 RETIRED. The artifact itself never changes.
alter table artifacts
    add column state smallint not null default 1 check (state in (1, 2, 3)),
    add column state_time timestamptz,
    add column state_key_id text not null default '',
    add column state_reason text not null default '';
