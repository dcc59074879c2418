"""The files for several machines: what Ray's own schema says of them, and whether they name what there is."""

from __future__ import annotations

import copy
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from db.settings import described

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def cluster() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "cluster.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def kubernetes() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "rayservice.yaml").read_text()))


def ray_service() -> dict[str, Any]:
    [service] = [part for part in kubernetes() if part["kind"] == "RayService"]
    spec = service["spec"]
    assert isinstance(spec, dict)
    return spec


@pytest.mark.cluster
def test_rays_launcher_accepts_the_file() -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    prepared = prepare_config(cluster())
    validate_config(prepared)
    [node_type] = prepared["available_node_types"].values()
    assert node_type["min_workers"] == len(cluster()["provider"]["worker_ips"]) == 2
    # What every machine runs before Ray starts on it.
    assert prepared["worker_setup_commands"] == prepared["head_setup_commands"] == cluster()["setup_commands"]


@pytest.mark.cluster
def test_rays_launcher_refuses_a_word_it_does_not_know() -> None:
    from jsonschema import ValidationError
    from ray.autoscaler._private.util import prepare_config, validate_config

    misspelt = {**copy.deepcopy(cluster()), "setup_comands": []}
    with pytest.raises(ValidationError, match="setup_comands"):
        validate_config(prepare_config(misspelt))


def test_every_machine_asks_for_the_token_and_sends_no_statistics() -> None:
    profile = next(c for c in cluster()["setup_commands"] if "PROFILE" in c)
    assert "RAY_AUTH_MODE=token" in profile
    assert "RAY_AUTH_TOKEN_PATH=" in profile
    starts = [c for role in ("head", "worker") for c in cluster()[f"{role}_start_ray_commands"] if "ray start" in c]
    assert len(starts) == 2
    for start in starts:
        assert start.startswith(". ~/.backoffice-cluster/profile")
        assert "--disable-usage-stats" in start


def test_no_secret_is_in_the_repository_and_none_of_the_mounted_ones_comes_from_it() -> None:
    secrets = [source for target, source in cluster()["file_mounts"].items() if ".backoffice-cluster" in target]
    assert [s.startswith("~/.backoffice/") for s in secrets] == [True, True]
    for part in kubernetes():
        assert part["kind"] != "Secret"


def test_the_files_name_settings_that_there_are() -> None:
    known = {variable for variable, _ in described()}
    for path in (ROOT / "cluster.yaml", DEPLOY / "rayservice.yaml", DEPLOY / "Dockerfile", DEPLOY / "README.md"):
        named = set(re.findall(r"BACKOFFICE_[A-Z_]+[A-Z]", path.read_text()))
        assert named <= known, path.name


@pytest.mark.cluster
def test_the_command_that_the_head_runs_exists() -> None:
    from typer.testing import CliRunner

    from cli.main import app

    words = "serve --address auto --host 127.0.0.1 --replicas 2"
    assert f"backoffice {words}" in (ROOT / "cluster.yaml").read_text()
    told = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert [w for w in words.split() if w.startswith("--") and w not in told.output] == []


def test_kubernetes_gets_a_head_and_workers_of_one_image_with_the_database_from_a_secret() -> None:
    config = ray_service()["rayClusterConfig"]
    groups = [config["headGroupSpec"], *config["workerGroupSpecs"]]
    containers = [c for g in groups for c in g["template"]["spec"]["containers"]]
    assert len({c["image"] for c in containers}) == 1
    assert len(containers) == 2
    for container in containers:
        [secret] = [e for e in container["envFrom"] if "secretRef" in e]
        assert secret["secretRef"]["name"] == "backoffice"
    assert config["authOptions"] == {"mode": "token"}


@pytest.mark.cluster
# Ray Serve's own schema declares its fields in a way that pydantic is about to drop.
@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
def test_kubernetes_gets_the_gateway_and_the_coordinator_is_started_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from ray import serve as ray_serve
    from ray.serve._private.api import call_user_app_builder_with_args_if_necessary as build_app

    import coordinator.start

    started: list[tuple[str, str]] = []
    monkeypatch.setattr(coordinator.start, "start_coordinator", lambda *where: started.append(where))
    monkeypatch.setenv("BACKOFFICE_DATABASE_URL", "postgresql://somewhere/backoffice")
    monkeypatch.setenv("BACKOFFICE_RELEASE", "7")
    [wanted] = yaml.safe_load(ray_service()["serveConfigV2"])["applications"]
    module, _, name = wanted["import_path"].partition(":")
    built = build_app(getattr(import_module(module), name), {})
    assert isinstance(built, ray_serve.Application)
    assert started == [("postgresql://somewhere/backoffice", "backoffice-7")]
    assert [d["name"] for d in wanted["deployments"]] == [built._bound_deployment.name]


def test_the_dockerfile_installs_what_is_locked_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--require-hashes" in text
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    copied = [w for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for w in line.split()[:-1]]
    assert {name for name in copied if not (ROOT / name).exists()} == set()
