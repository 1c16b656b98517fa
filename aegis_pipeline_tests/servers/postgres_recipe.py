"""PostgreSQL with pgvector from the package index: the binaries of ``pgserver``, over TCP and with a password.

Measured on two cores: 0.4 s for a new home and the start.
"""

import os
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

from aegis_pipeline_tests.servers.addresses import PostgresServer
from aegis_pipeline_tests.servers.guard import run_as
from aegis_pipeline_tests.servers.process import Recipe, ServerUnavailable, give_to

# Tests kill the process, not the machine: what the system has taken over is not lost.
TEST_OPTIONS = ("-c", "fsync=off", "-c", "max_connections=200")


def server_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    return "nobody" if os.geteuid() == 0 else None


def binaries() -> Path:
    """The folder of PostgreSQL's programs.

    Raises:
        ServerUnavailable: the package is not installed.
    """
    spec = find_spec("pgserver")
    if spec is None or spec.origin is None:
        raise ServerUnavailable("PostgreSQL with pgvector comes with Python 3.11 or 3.12: pip install pgserver==0.1.4")
    return Path(spec.origin).parent / "pginstall" / "bin"


def postgres_recipe(
    home: Path,
    password: str,
    port: int,
    options: tuple[str, ...] = TEST_OPTIONS,
    *,
    programs: Path | None = None,
    kept: bool = False,
) -> Recipe[PostgresServer]:
    """A server in ``home`` on ``port``, whose user ``postgres`` has ``password``; ``programs`` are its binaries.

    Raises:
        ServerUnavailable: the binaries are not there, or make no home.
    """
    programs = programs or binaries()
    data = home / "data"
    if not data.exists():
        _make_home(programs, data, password)
    listen = ("-h", "127.0.0.1", "-p", str(port), "-c", "unix_socket_directories=")
    return Recipe(
        address=PostgresServer("127.0.0.1", port, "postgres", password, owned=True),
        home=home,
        command=(str(programs / "postgres"), "-D", str(data), *listen, *options),
        ready="database system is ready to accept connections",
        stop_signal=signal.SIGINT,  # does not wait for clients to leave
        user=server_user(),
        kept=kept,
    )


def _make_home(programs: Path, data: Path, password: str) -> None:
    user = server_user()
    secret = data.with_name("password")
    secret.write_text(password)
    secret.chmod(0o600)
    give_to(secret, user)
    command = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"]
    try:
        subprocess.run(
            [*command, "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True,
            capture_output=True,
            text=True,
            cwd=data.parent,
            **run_as(user),
        )
    except (subprocess.CalledProcessError, OSError) as error:
        raise ServerUnavailable(
            f"initdb made no home for PostgreSQL: {getattr(error, 'stderr', '') or error}"
        ) from None
    finally:
        secret.unlink()
