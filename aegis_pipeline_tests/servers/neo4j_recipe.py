"""Neo4j Community without an installer: its jars from Maven Central, and one Java source file that starts it.

Measured on two cores: 10 s to fetch 116 MB once, 6 s to start; 360 MB of memory after it with the options for tests.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from filelock import FileLock

from aegis_pipeline_tests.servers.addresses import Neo4jServer
from aegis_pipeline_tests.servers.process import CACHE, Recipe, ServerUnavailable

POM = Path(__file__).with_name("neo4j_server") / "pom.xml"
SOURCE = POM.with_name("Neo4jServer.java")
TEST_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # half the processor time of a start
_FETCH_SECONDS = 280  # below the time limit of a test


def neo4j_recipe(
    home: Path, password: str, port: int, options: tuple[str, ...] = TEST_OPTIONS, *, kept: bool = False
) -> Recipe[Neo4jServer]:
    """A server in ``home`` on ``port``, whose user ``neo4j`` has ``password`` from its first start on.

    Raises:
        ServerUnavailable: Java or Maven is missing, or the jars cannot be fetched.
    """
    classpath = f"{jars()}{os.sep}*"
    return Recipe(
        address=Neo4jServer(f"bolt://127.0.0.1:{port}", "neo4j", password, owned=True),
        home=home,
        command=("java", *options, "-cp", classpath, str(SOURCE), str(home / "data"), str(port)),
        ready="(?m)^ready$",
        environment={"NEO4J_PASSWORD": password},
        kept=kept,
    )


def jars() -> Path:
    """The folder of Neo4j's jars in the user's cache, fetched once for each content of the ``pom.xml``."""
    if not shutil.which("java") or not shutil.which("javac"):
        raise ServerUnavailable("Neo4j needs a JDK 17 or newer: apt-get install openjdk-17-jdk-headless")
    folder = CACHE / f"neo4j-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    if not shutil.which("mvn"):
        raise ServerUnavailable("Neo4j's jars come by Maven: apt-get install maven")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        shutil.copy(POM, scratch)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"]
        try:
            subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True, timeout=_FETCH_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise ServerUnavailable(f"Maven could not fetch Neo4j's jars: {error.stdout or error!s}") from None
        (Path(scratch) / "lib").rename(folder)
