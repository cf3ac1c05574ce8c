select version, checksum from leviathan.migrations where success
