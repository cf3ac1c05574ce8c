select exists (select from leviathan.events where log = (select log from leviathan.logs where name = $1) and position > $2)
