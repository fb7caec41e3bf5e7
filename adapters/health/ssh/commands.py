"""What is run on a server: this script, and nothing else. `docs/access.md` tells the client the same list."""

# Each with the name of its section. They only read, and need no rights but where the documentation says so.
COMMANDS = (
    ("uptime", "cat /proc/uptime"),
    ("cores", "nproc"),
    ("load", "cat /proc/loadavg"),
    ("memory", "cat /proc/meminfo"),
    ("vmstat", "grep oom_kill /proc/vmstat"),
    ("mounts", "cat /proc/mounts"),
    ("mdstat", "cat /proc/mdstat"),
    ("df", "timeout 3 df -Pl"),
    ("inodes", "timeout 3 df -Pli"),
    ("units", "timeout 3 systemctl --failed --plain --no-legend --no-pager"),
    ("kernel", "timeout 3 sh -c 'dmesg || journalctl -k -b -q -o short-monotonic --no-pager' | killed"),
)
SCAN = "timeout 3 smartctl --scan"
SMART = "smartctl -j -a"
_MOST_DISKS = 24
_MOST_IN_SECTION = 65_536

# run: one section between two marks, with its exit status; nothing a command does can end the script.
# killed: of the kernel's log only the kills, and how many lines there were at all (none: it may not be read).
_SCRIPT = """\
LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH
run() {{
  printf '\\n%s > %s\\n' {mark} "$1"; shift
  code=$( {{ {{ "$@" </dev/null 2>/dev/null; echo $? >&3; }} | head -c {most} >&4; }} 3>&1 )
  printf '\\n%s < %s\\n' {mark} "$code"
}} 4>&1
killed() {{ awk '/Kill(ed)? process/ {{ print }} END {{ print NR " lines" }}'; }}
{commands}
root='sudo -n'; [ "$(id -u)" = 0 ] && root=
{scan} </dev/null 2>/dev/null | sed 's/ *#.*//' | head -n {disks} | while read -r device flag type; do
  [ "$flag" = -d ] || continue
  case $type in scsi|ata) set -- ;; *) set -- -d "$type" ;; esac
  run "smart $device $type" timeout 4 $root {smart} "$@" "$device"
done
printf '\\n%s > end\\n\\n%s < 0\\n' {mark} {mark}
"""


def script(mark: str) -> str:
    """The whole script for a POSIX shell; `mark` is a word that no output holds by chance."""
    lines = []
    for name, command in COMMANDS:
        if "|" in command:
            lines.append(f"{name}() {{ {command}; }}\nrun {name} {name}")
        elif name == "inodes":
            # A file system that hung once hangs twice.
            lines.append(f"case $code in 124|137) ;; *) run {name} {command} ;; esac")
        else:
            lines.append(f"run {name} {command}")
    return _SCRIPT.format(
        mark=mark, most=_MOST_IN_SECTION, disks=_MOST_DISKS, scan=SCAN, smart=SMART, commands="\n".join(lines)
    )
