select leviathan.settle($1, $2, $3)
