"""Real paths are those of ``os.path.realpath``, also where links lead in circles or nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sampling import at_most
from vpce_checks.files.real_paths import RealPaths

NAMES = st.sampled_from(["a", "b", "c", ".", ".."])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


@given(links=st.lists(st.tuples(PATHS, PATHS), max_size=6), asked=st.lists(PATHS, min_size=1, max_size=8))
@settings(max_examples=at_most(25, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_the_system_says(tmp_path_factory: object, links: list[tuple[str, str]], asked: list[str]) -> None:
    top = Path(tmp_path_factory.mktemp("tree"))  # type: ignore[attr-defined]
    (top / "a/b/c").mkdir(parents=True)
    (top / "b").write_text("")
    for place, target in links:
        try:
            (top / place).symlink_to(top / target)
        except OSError:
            continue
    real_path = RealPaths()
    for path in [*asked, *asked]:
        for spelled in (f"{top}/{path}", f"{top}/{path}/", path):
            assert real_path(spelled) == os.path.realpath(spelled)


def test_a_path_that_leads_above_the_root_of_the_file_system() -> None:
    above = "/usr" + "/.." * 3
    assert RealPaths()(f"{above}/none") == os.path.realpath(f"{above}/none") == "/none"
