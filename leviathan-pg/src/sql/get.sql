select position, hash, body from leviathan.events
where log = (select log from leviathan.logs where name = $1) and position = any($2)
