"""What the tests of the measurements have in common. Nothing is timed here.

All but the synthetic rows need the dependency group `bench`, which `.ci/run` installs.
"""

from importlib.util import find_spec

GROUP = ("datasette", "matplotlib", "psutil")
if not all(map(find_spec, GROUP)):
    collect_ignore_glob = ["test_[!s]*.py"]
