-- Lets the role `leviathan_app` append to the logs and read them, and do nothing else to them. Run it as the owner of the
-- schema, after the migrations; a later version of the schema may need it again.
grant usage on schema leviathan to leviathan_app;
grant select on leviathan.events, leviathan.logs, leviathan.migrations to leviathan_app;
grant execute on function
    leviathan.append(text, uuid, bigint, bytea, bytea[], bytea[]),
    leviathan.settle(text, uuid, bigint)
    to leviathan_app;
grant select, insert, delete on leviathan.snapshots to leviathan_app;
