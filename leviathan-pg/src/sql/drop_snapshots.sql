delete from leviathan.snapshots
where log = $1
    and (projection = $2 and position < $3 or kept_at < now() - interval '7 days' and projection <> $2)
