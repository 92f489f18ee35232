# SPDX-License-Identifier: Apache-2.0
"""DuckDB as a process that answers line by line: `duckdb_process.py DATABASE THREADS`.

A line is {"sql": "statements"}; the answer has the seconds they took, the rows of the last one, and
the process's peak memory. Opening the database and setting it up are not timed.
"""
import json
import re
import sys
import time
from pathlib import Path

import duckdb


def peak_rss_bytes() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024


def main() -> None:
    database, threads = sys.argv[1:]
    connection = duckdb.connect(database, config={"threads": int(threads)})
    connection.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
    for line in sys.stdin:
        sql = json.loads(line)["sql"]
        try:
            start = time.perf_counter()
            rows = connection.execute(sql).fetchall()
            seconds = time.perf_counter() - start
        except duckdb.Error as error:
            answer = {"error": f"{error}\n{sql}"}
        else:
            answer = {"seconds": seconds, "rows": rows, "rss": peak_rss_bytes()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
