"""The files that uploads are measured with are what Prowler writes, and as large as was asked."""

from __future__ import annotations

from pathlib import Path

from bench.scanner_file import write
from collectors.scanners import CheckStatus, read_results, scanner_of


def test_a_file_is_a_scan_of_that_size(tmp_path: Path) -> None:
    path = tmp_path / "scan.ocsf.json"
    number = write(path, 200_000, ["111122223333", "222233334444"], checks=20)
    assert 200_000 <= path.stat().st_size < 210_000
    with path.open("rb") as file:
        assert scanner_of(file).label == "Prowler OCSF JSON"
        found = list(read_results(file))
    assert len(found) == number
    assert {result.account_id for result in found} == {"111122223333", "222233334444"}
    assert len({result.check for result in found}) == 20
    assert {result.status for result in found} == {CheckStatus.PASS, CheckStatus.FAIL}
