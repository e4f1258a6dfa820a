"""Seeding against what people fill databases with: `python -m benchmarks.peers`, in rows a second.

The peers make the rows of seven tables (benchmarks/peers_py and benchmarks/peers_js), each as a whole process into a
migrated, empty database, with values that the database accepts and no rule of coherence. `seed --clients N` makes its
whole world, verification included, of about as many rows. Rows are counted in the database afterwards.
"""

from __future__ import annotations

import atexit
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.databases import KINDS, Database, databases
from benchmarks.peers_py import TABLES
from benchmarks.processes import ROOT, Failed, environment, measure, seed
from benchmarks.results import Results, goal, middle, parser, run, spread
from seeding.requirements import MODES

ROWS_A_CLIENT = 97  # what a seed in light mode makes for each client, all tables together
LIMITS = {"postgres": 12.0, "sqlite": 5.0}
AT_MOST = 1800.0  # seconds that a peer may take
JS = ROOT / "benchmarks" / "peers_js"

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Sizes:
    """Rows of each table of the peers, and clients of the seed."""

    rows: int
    clients: int


@dataclass(frozen=True)
class Peer:
    """Something that makes rows: how it is called in the table, its distribution, and its module or script.

    `kinds` are the databases that it runs on, and `otherwise` why not on the others.
    """

    name: str
    package: str
    program: str
    kinds: tuple[str, ...] = KINDS
    otherwise: str = ""

    def version(self) -> str:
        """The installed version. Raises Failed where it is not installed."""
        try:
            return version(self.package)
        except PackageNotFoundError as error:
            raise Failed("not installed; pip install -c constraints.txt -e '.[bench]'") from error

    def command(self, database: Database, rows: int) -> Command:
        """The process that makes so many rows of each table. Raises Failed where this peer cannot."""
        if database.kind not in self.kinds:
            raise Failed(self.otherwise)
        return (sys.executable, "-m", "benchmarks.peers_py.run", self.program, str(rows))


@dataclass(frozen=True)
class NodePeer(Peer):
    """A peer from npm, in a folder into which its packages are installed when it is first used.

    `prepare` is what its documentation has one run on a new schema; it is not measured.
    """

    prepare: tuple[str, ...] = ()

    def version(self) -> str:
        """The pinned version."""
        return str(json.loads((JS / "package.json").read_text(encoding="utf-8"))["dependencies"][self.package])

    def command(self, database: Database, rows: int) -> Command:
        """The process that makes so many rows of each table. Raises Failed where this peer cannot."""
        super().command(database, rows)
        folder = node_folder()
        if self.prepare:
            measure((_found("npx"), *self.prepare), environment(database.template), cwd=folder, at_most=AT_MOST)
        return (_found("node"), folder / self.program, str(rows))


PEERS = (
    Peer("bulk_create", "Django", "bulk_create"),
    Peer("create_batch", "factory_boy", "factory_boy"),
    Peer("baker.make, _bulk_create", "model-bakery", "bakery"),
    Peer("seeder", "django-seed", "seeder"),
    Peer("from_django", "misata", "from_django"),
)
NODE_PEERS = (
    NodePeer("seed", "drizzle-seed", "drizzle.mjs"),
    NodePeer(
        "createSeedClient, six tables",
        "@snaplet/seed",
        "snaplet.mjs",
        ("postgres",),
        "its adapter for SQLite needs better-sqlite3, a native module that has to be compiled",
        ("--no-install", "@snaplet/seed", "sync"),
    ),
)


@cache
def node_folder() -> Path:
    """A folder with the packages from npm, which goes with this process. Raises Failed where npm is not there."""
    folder = Path(tempfile.mkdtemp(prefix="mentara-peers-"))
    atexit.register(shutil.rmtree, folder)
    shutil.copytree(JS, folder, dirs_exist_ok=True)
    measure((_found("npm"), "install", "--no-audit", "--no-fund"), environment(), cwd=folder, at_most=AT_MOST)
    return folder


def _found(program: str) -> str:
    """Where a program is. Raises Failed where it is not."""
    found = shutil.which(program)
    if not found:
        raise Failed(f"{program} is not on PATH; install Node.js 20 or newer")
    return found


@dataclass
class Made:
    """What one way of making rows took, or why it did not run."""

    name: str
    rows: int = 0
    seconds: tuple[float, ...] = ()
    failed: str = ""

    @property
    def speed(self) -> float:
        """Rows a second of the median run."""
        return self.rows / middle(self.seconds)


def make(database: Database, made: Made, command: Command) -> dict[str, int]:
    """Run once into a copy of the empty database; returns the rows made, by table."""
    url = database.copy()
    empty = database.counts(url)
    database.settle()
    taken = measure(command, environment(url), at_most=AT_MOST)
    rows = {table: count - empty[table] for table, count in database.counts(url).items()}
    database.drop(url)
    made.rows, made.seconds = sum(rows.values()), (*made.seconds, taken.seconds)
    return rows


def compare(database: Database, peers: Sequence[Peer], sizes: Sizes, runs: int) -> tuple[Made, float, list[Made]]:
    """The seed, the share of its rows that lie in the peers' tables, and the peers, in turns."""
    ours, share = Made(f"`seed --clients {sizes.clients}`"), 0.0
    others = [Made(f"{peer.name} ({peer.package})") for peer in peers]
    for _ in range(runs):
        tables = make(database, ours, seed(sizes.clients))
        share = sum(tables[table] for table in TABLES) / ours.rows
        for peer, made in zip(peers, others, strict=True):
            if not made.failed:
                try:
                    made.name = f"{peer.name} ({peer.package} {peer.version()})"
                    make(database, made, peer.command(database, sizes.rows))
                except Failed as error:
                    made.failed = str(error)
    return ours, share, others


def main(arguments: Sequence[str]) -> None:
    """Measure on the databases asked for, and write the tables."""
    options = parser(__doc__)
    options.add_argument("--rows", type=int, default=20_000, metavar="N", help="of each peer's table (default: 20000)")
    options.add_argument("--clients", type=int, metavar="N", help="of the seed (default: for about as many rows)")
    known = [peer.package for peer in (*PEERS, *NODE_PEERS)]
    options.add_argument("--only", nargs="+", choices=known, metavar="PACKAGE", help="some of " + ", ".join(known))
    asked = options.parse_args(arguments)
    as_many = max(MODES["light"].clients, len(TABLES) * asked.rows // ROWS_A_CLIENT)
    sizes = Sizes(asked.rows, asked.clients or as_many)
    peers = [peer for peer in (*PEERS, *NODE_PEERS) if peer.package in (asked.only or known)]
    with databases(tuple(asked.databases)) as targets:
        says = (
            f"Rows a second by what people use, {sizes.rows:,} rows of each of {', '.join(TABLES)} (seed: of all its "
            f"tables). Whole processes, medians of {asked.runs} interleaved runs."
        )
        page = Results("peers", says, targets, arguments)
        for database in targets:
            _table(page, database, *compare(database, peers, sizes, asked.runs))
        page.note(NOTE)
        page.write(asked.output)


HEAD = ("way", "rows", "s", "min–max", "rows/s", "seed is × as fast", "goal", "× by their tables' rows alone")
NOTE = (
    "The last column counts of the seed's rows only those in the peers' tables, and the time for all. mixer 7.2.2 is "
    "not among the peers: it requires Faker before 12.1 and fails on import with the Faker of this project."
)


def _table(page: Results, database: Database, ours: Made, share: float, others: Sequence[Made]) -> None:
    lines: list[list[object]] = [
        [ours.name, ours.rows, middle(ours.seconds), spread(ours.seconds), ours.speed, "", "", ""]
    ]
    for made in others:
        if made.failed:
            lines.append([made.name, f"did not run: {made.failed}", "", "", "", "", "", ""])
            continue
        ratio = ours.speed / made.speed
        met = goal(ratio, LIMITS[database.kind], at_least=True)
        times = [middle(made.seconds), spread(made.seconds)]
        lines.append([made.name, made.rows, *times, made.speed, ratio, met, ratio * share])
    page.table(database.title, HEAD, lines)


if __name__ == "__main__":
    run(main)
