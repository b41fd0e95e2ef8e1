"""The container files say what they should, as far as that can be seen without a container engine."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return services


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined, comments left out."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    found = []
    for line in filter(str.strip, joined.splitlines()):
        name, _, rest = line.partition(" ")
        found.append((name.upper(), rest.strip()))
    return found


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, rest))
    return found


def copied_from_the_project() -> list[str]:
    paths = []
    for name, rest in instructions():
        words = shlex.split(rest)
        if name in {"COPY", "ADD"} and not any(word.startswith("--from=") for word in words):
            paths += [word for word in words[:-1] if not word.startswith("--")]
    return paths


def test_the_compose_file_is_valid_by_the_compose_specification() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_profile_only_the_api_starts(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if not service.get("profiles")] == ["api"]


def test_the_database_and_the_api_on_it_are_behind_the_profile_postgres(
    services: dict[str, dict[str, Any]],
) -> None:
    behind = {name for name, service in services.items() if service.get("profiles") == ["postgres"]}
    assert behind == {"database", "api-postgres"}
    assert services["api-postgres"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in services["database"]


def test_ports_are_published_on_the_loopback_address_only_and_each_once(
    services: dict[str, dict[str, Any]],
) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert "127.0.0.1:8000:8000" in ports
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:8000", port) for port in ports)
    assert len(set(ports)) == len(ports)
    assert "ports" not in services["database"]


@pytest.mark.parametrize("name", ["api", "api-postgres"])
def test_the_api_runs_without_privileges_on_a_read_only_file_system(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    api = services[name]
    assert api["read_only"] is True
    assert api["tmpfs"] == ["/tmp"]
    assert api["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in api["security_opt"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "user"} & api.keys()


def test_what_the_api_and_the_database_store_is_on_named_volumes() -> None:
    compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    mounted = [
        volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])
    ]
    assert sorted(mounted) == sorted(compose["volumes"])
    assert "timeline:/data" in compose["services"]["api"]["volumes"]


def test_no_password_stands_in_the_compose_file(services: dict[str, dict[str, Any]]) -> None:
    assert services["database"]["environment"]["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-}"
    assert services["api-postgres"]["environment"]["PGPASSWORD"] == "${POSTGRES_PASSWORD:-}"
    assert not re.search(r"://[^\s/@:]+:[^\s@]+@", COMPOSE.read_text(encoding="utf-8"))


def test_no_variable_is_required_of_those_who_do_not_use_postgresql() -> None:
    settings = "\n".join(
        line for line in COMPOSE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")
    )
    variables = re.findall(r"\$\{([^}]*)\}", settings)
    assert variables
    assert [variable for variable in variables if ":-" not in variable] == []


def test_the_image_has_two_stages_of_one_base_image() -> None:
    bases = [stage[0][1].split()[0] for stage in stages()]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert bases[0].startswith("python:3.")


def test_the_image_runs_as_a_user_that_is_not_root() -> None:
    users = [rest for name, rest in stages()[-1] if name == "USER"]
    assert users
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1]), "a fixed number, so that volumes keep their owner"


def test_nothing_is_run_or_copied_after_the_user_is_given_up() -> None:
    names = [name for name, _ in stages()[-1]]
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER") :])


def test_the_last_stage_takes_files_from_the_first_only() -> None:
    copies = [rest for name, rest in stages()[-1] if name in {"COPY", "ADD"}]
    assert copies
    assert all(rest.startswith("--from=build ") for rest in copies)


def test_the_image_starts_the_server_where_its_port_and_its_health_check_are() -> None:
    last = dict(stages()[-1])
    assert last["CMD"] == '["timeline", "up", "--host", "0.0.0.0", "--port", "8000"]'
    assert last["EXPOSE"] == "8000"
    assert last["VOLUME"] == "/data"
    assert "TIMELINE_DATABASE_URL=sqlite:////data/timeline.db" in last["ENV"]
    assert "'127.0.0.1', 8000" in last["HEALTHCHECK"]
    assert "'/ready'" in last["HEALTHCHECK"]


@pytest.mark.parametrize("path", copied_from_the_project())
def test_every_path_that_the_image_copies_is_in_the_project_and_let_through_by_dockerignore(
    path: str,
) -> None:
    assert (ROOT / path).exists()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert f"!{path}" in ignored


def test_only_what_the_image_copies_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied_from_the_project())


def test_the_image_has_what_the_program_reads_beside_its_package() -> None:
    assert {"pyproject.toml", "app", "migrations", "seeds"} <= set(copied_from_the_project())
