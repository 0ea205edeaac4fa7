"""Lists of networks and robots: dated files, the newest of which counts."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from server.promo.ingest.events import NetworkClass
from server.promo.ingest.lists import BadList, load_lists

NETWORKS = """
# of a test
data_centre 10.0.0.0/8
mobile 10.1.0.0/16   # narrower
residential 2001:db8::/32
"""


def network_class(folder: Path, address: str) -> NetworkClass:
    return load_lists(folder).networks.class_of(ip_address(address))


def test_the_narrowest_network_counts(tmp_path: Path) -> None:
    (tmp_path / "networks-2030-01-01.txt").write_text(NETWORKS)
    assert network_class(tmp_path, "10.2.3.4") is NetworkClass.DATA_CENTRE
    assert network_class(tmp_path, "10.1.3.4") is NetworkClass.MOBILE
    assert network_class(tmp_path, "11.1.3.4") is NetworkClass.UNKNOWN
    assert network_class(tmp_path, "2001:db8:1::1") is NetworkClass.RESIDENTIAL
    assert network_class(tmp_path, "::a01:304") is NetworkClass.UNKNOWN


def test_the_newest_list_counts_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "networks-2020-01-01.txt").write_text("mobile 95.216.0.0/15")
    own = load_lists(None)
    assert load_lists(tmp_path) == own
    assert own.networks.class_of(ip_address("95.216.1.1")) is NetworkClass.DATA_CENTRE

    (tmp_path / "networks-2030-01-01.txt").write_text("mobile 95.216.0.0/15")
    (tmp_path / "networks-2031-01-01.txt.new").write_text("not yet one")
    newer = load_lists(tmp_path)
    assert newer.networks.date == "2030-01-01"
    assert newer.networks.class_of(ip_address("95.216.1.1")) is NetworkClass.MOBILE
    assert newer.robots.date == own.robots.date


def test_a_folder_that_is_not_there_is_an_empty_one(tmp_path: Path) -> None:
    assert load_lists(tmp_path / "nowhere") == load_lists(None)


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("networks-2030-01-01.txt", "data_centre 10.0.0.1/8", "line 1: must be a class and a network"),
        ("networks-2030-01-01.txt", "\nhosting 10.0.0.0/8", "line 2: must be a class and a network"),
        ("networks-2030-13-01.txt", "", "month must be in"),
        ("robots-2030-01-01.txt", "# nobody", "must name one robot"),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_why(tmp_path: Path, name: str, text: str, rule: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadList, match=rule) as error:
        load_lists(tmp_path)
    assert str(error.value).startswith(name)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
        "curl/8.5.0",
        "python-requests/2.31.0",
    ],
)
def test_robots_that_say_so_are_known(agent: str) -> None:
    assert load_lists(None).robots.knows(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; Cubot X70) AppleWebKit/537.36 Chrome/131 Mobile Safari/537.36",
        "Callsheet/3.1 (iOS 18.0; iPhone16,1)",
    ],
)
def test_people_are_no_robots(agent: str) -> None:
    assert not load_lists(None).robots.knows(agent)
