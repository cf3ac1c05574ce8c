select exists (select from leviathan.events where log = $1 and position > $2)
