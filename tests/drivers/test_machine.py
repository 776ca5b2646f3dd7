"""The machine that this runs on."""

from pathlib import Path

from drivers.machine import THIS_MACHINE


def test_the_free_share_of_the_disk_is_a_share(tmp_path: Path) -> None:
    assert 0 < (THIS_MACHINE.free_share(tmp_path / "pump.db") or 0) <= 1
    assert THIS_MACHINE.free_share(tmp_path / "gone" / "pump.db") is None


def test_it_has_an_address_or_none() -> None:
    assert THIS_MACHINE.address() == "none" or THIS_MACHINE.address().count(".") == 3
