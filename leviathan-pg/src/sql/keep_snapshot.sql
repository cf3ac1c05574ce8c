insert into leviathan.snapshots (log, projection, position, part, bytes)
values ($1, $2, $3, $4, $5)
on conflict do nothing
