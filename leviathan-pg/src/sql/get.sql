select position, hash, body from leviathan.events
where log = $1 and position = any($2)
