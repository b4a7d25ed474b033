# Runs a command and prints one JSON line: wall and CPU seconds, largest resident set of any one process (KiB), status.
import json, os, resource, subprocess, sys, time

started = time.monotonic()
with open(sys.argv[1], "wb") as output:
    status = subprocess.call(sys.argv[2:], stdout=output)
wall = time.monotonic() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss, "status": status}))
