select bytes from leviathan.snapshots
where log = $1 and projection = $2 and position = (
    select max(position) from leviathan.snapshots where log = $1 and projection = $2
)
order by part
