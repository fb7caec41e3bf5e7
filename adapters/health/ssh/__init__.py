"""A look from inside, over SSH, where the client gave access: disks, memory, load, RAID, SMART, services."""

from adapters.health.ssh.look import probe

__all__ = ["probe"]
