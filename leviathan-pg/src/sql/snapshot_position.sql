select max(position) from leviathan.snapshots where log = $1 and projection = $2
