select position, hash from leviathan.events
where log = $1
order by position desc limit 1
