"""Personal data at rest."""

import pytest

from server.core.secrecy import KeyedHash, Sealed, normal_email

KEY = bytes(range(32))


def test_what_is_sealed_opens_for_its_owner() -> None:
    sealed = Sealed(KEY).seal("ada@example.com", "usr_a")
    assert b"ada" not in sealed
    assert Sealed(KEY).open(sealed, "usr_a") == "ada@example.com"


def test_equal_texts_look_different() -> None:
    assert Sealed(KEY).seal("ada@example.com", "usr_a") != Sealed(KEY).seal("ada@example.com", "usr_a")


@pytest.mark.parametrize("owner", ["usr_b", ""])
def test_it_opens_for_nobody_else(owner: str) -> None:
    with pytest.raises(ValueError, match="does not open"):
        Sealed(KEY).open(Sealed(KEY).seal("ada@example.com", "usr_a"), owner)


def test_it_opens_with_no_other_key_and_not_after_a_change() -> None:
    sealed = Sealed(KEY).seal("ada@example.com", "usr_a")
    for key, text in ((bytes(32), sealed), (KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(ValueError, match="does not open"):
            Sealed(key).open(text, "usr_a")


def test_hashes_compare_within_their_purpose_alone() -> None:
    hashes = KeyedHash(b"pepper")
    assert hashes.of("email", "a") == hashes.of("email", "a")
    assert hashes.of("email", "a") != hashes.of("device", "a")
    assert hashes.of("email", "a") != KeyedHash(b"salt").of("email", "a")


def test_spellings_of_one_address_are_equal() -> None:
    assert normal_email(" Ada@Example.COM ") == normal_email("ada@example.com")
    assert normal_email("e\u0301va@example.com") == normal_email("\u00e9va@example.com")
