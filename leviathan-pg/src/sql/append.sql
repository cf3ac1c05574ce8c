select found_position, found_hash, too_late from leviathan.append($1, $2, $3, $4, $5, $6)
