select position, hash from leviathan.events
where log = (select log from leviathan.logs where name = $1)
order by position desc limit 1
