-- Logs of events, each by its name: append-only, in the exact bytes in which the events were accepted.
--
-- Everything is in the schema `leviathan`. Whoever runs this owns it and needs no other privilege than to create it. A
-- program may run as another role, which sql/application_role.sql gives what it needs and no more.

create table leviathan.events (
    log text collate "C" not null,
    -- Dense from 1 in each log. Given under the lock of `append`, so they become visible in order and without gaps.
    position bigint not null check (position > 0),
    -- The link of the chain, and the exact bytes of the event.
    hash bytea not null check (octet_length(hash) = 32),
    body bytea not null,
    -- No other index: the graph, which every process holds, answers questions and knows duplicates.
    primary key (log, position)
);

comment on table leviathan.events is 'Append-only; written by leviathan.append and by nothing else';

create function leviathan.refuse_change() returns trigger
    language plpgsql
as $$
begin
    raise exception 'the log is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        using errcode = 'LV001',
              hint = 'Each event''s hash covers all before it, so a change would make the log worthless.';
end
$$;

-- For each statement, since a trigger for each row does not see TRUNCATE.
create trigger append_only
    before update or delete or truncate on leviathan.events
    for each statement execute function leviathan.refuse_change();

-- Appends whose outcome their sender did not learn and then found to be missing: should one of them still arrive, it is
-- too late. There is a row for each lost connection, and it is of no use after a day.
create table leviathan.given_up (
    append_id uuid primary key,
    at timestamptz not null default now()
);

-- The lock under which a log grows, held to the end of the transaction.
create function leviathan.lock(log_name text) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
    -- Whoever waits in vain is told so, and has done nothing.
    set lock_timeout = '5s'
as $$
begin
    -- A later statement must see what was committed while this one waited.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the log is kept under READ COMMITTED only, and this transaction is %',
            upper(current_setting('transaction_isolation'))
            using errcode = 'LV002',
                  hint = 'Set default_transaction_isolation of the role and the database to ''read committed''.';
    end if;
    perform pg_advisory_xact_lock(hashtextextended(log_name, 5498691824117237841));
end
$$;

-- Appends events behind the head that the caller expects. Returns the head that it found: if that is another one, or if
-- the append was given up before it arrived, nothing was written.
create function leviathan.append(
    log_name text,
    append_id uuid,
    expected_position bigint,
    expected_hash bytea,
    hashes bytea[],
    bodies bytea[],
    out found_position bigint,
    out found_hash bytea,
    out too_late boolean
)
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform leviathan.lock(log_name);
    -- Statements of their own, which see what was committed while the first one waited.
    select e.position, e.hash into found_position, found_hash
        from leviathan.events e where e.log = log_name order by e.position desc limit 1;
    if not found then
        found_position := 0;
        found_hash := decode(repeat('00', 32), 'hex');
    end if;
    too_late := exists (select from leviathan.given_up g where g.append_id = append.append_id);
    if too_late or found_position <> expected_position or found_hash <> expected_hash then
        return;
    end if;
    insert into leviathan.events (log, position, hash, body)
        select log_name, expected_position + event.nth, event.hash, event.body
        from unnest(hashes, bodies) with ordinality as event (hash, body, nth);
    if current_setting('synchronous_commit') = 'off' then
        -- Holds for this transaction: what is acknowledged is durable, whatever the role or the database says.
        perform set_config('synchronous_commit', 'on', true);
    end if;
end
$$;

-- The hash at a position, none where nothing stands, in a way that no append still on its way can change: one that runs
-- is waited for, and `unanswered`, if there is one, is given up.
create function leviathan.settle(log_name text, unanswered uuid, at_position bigint) returns bytea
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform leviathan.lock(log_name);
    if unanswered is not null then
        insert into leviathan.given_up (append_id) values (unanswered) on conflict do nothing;
        delete from leviathan.given_up where at < now() - interval '1 day';
        if current_setting('synchronous_commit') = 'off' then
            perform set_config('synchronous_commit', 'on', true);
        end if;
    end if;
    return (select e.hash from leviathan.events e where e.log = log_name and e.position = at_position);
end
$$;

revoke all on all functions in schema leviathan from public;
