-- The transaction that wrote a row, so that what was committed can be read in order and from where one stopped: what is
-- below pg_snapshot_xmin(pg_current_snapshot()) is complete. Null in rows of the versions before.
alter table events add column xid bigint;
alter table executions add column create_xid bigint, add column move_xid bigint;
-- Rows come in that order, so that a summary of each few pages finds them, at next to no cost for who writes.
create index events_by_xid on events using brin (xid) with (pages_per_range = 16, autosummarize = on);
create index executions_by_create_xid on executions using brin (create_xid) with (pages_per_range = 16, autosummarize = on);
create index executions_by_move_xid on executions using brin (move_xid) with (pages_per_range = 16, autosummarize = on);
-- What nodes reported: few rows, and what is added up of them is read from here alone.
create index events_reports on events (xid) where type = 29;
