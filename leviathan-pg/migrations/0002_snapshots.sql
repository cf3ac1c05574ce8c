-- Snapshots of the graph: what a program made of a log up to a position, so that its next start reads only what stands
-- behind it. A cache: whatever stands here may be deleted, and a program replays its log then.

create table leviathan.snapshots (
    log text collate "C" not null,
    -- The version of the projection: another one makes something else of the same log.
    projection bigint not null,
    position bigint not null,
    -- In parts, since a row holds at most 1 GB and is held in memory whole.
    part integer not null,
    bytes bytea not null,
    kept_at timestamptz not null default now(),
    primary key (log, projection, position, part)
);

-- It is read whole and hardly gets smaller.
alter table leviathan.snapshots alter column bytes set storage external;

comment on table leviathan.snapshots is 'A cache of what programs made of the logs; may be emptied at any time';
