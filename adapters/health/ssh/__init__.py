"""A look from inside, over SSH, where the client gave access: disks, memory, load, RAID, SMART, services."""
