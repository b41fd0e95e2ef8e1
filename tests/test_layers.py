"""The layers of the house: imports run one way, and every module has its place."""

import subprocess
import sys
import tomllib
from pathlib import Path

from app.config import ROOT


def test_every_contract_of_the_layers_is_kept() -> None:
    """The contract of the layers is exhaustive: a module of `app` that it does not list breaks it."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert "0 broken" in result.stdout


def test_every_module_has_a_layer_and_every_layer_a_module() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract for contract in contracts if contract["type"] == "layers"]
    assert (layers["containers"], layers["exhaustive"], layers["exhaustive_ignores"]) == (["app"], True, ["web"])
    listed = [name.strip(" ()") for layer in layers["layers"] for name in layer.split("|")]
    modules = {
        path.stem
        for path in (ROOT / "app").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }
    assert sorted(listed) == sorted(modules)
