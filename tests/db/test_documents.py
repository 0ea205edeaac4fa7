"""The migrated database is what the documents say, but for the corrections that are listed."""

from collections import Counter

from devstack.codegen.layout import DOCS
from tests.db.catalogue import read_catalogue
from tests.db.connecting import Connection
from tests.db.documents import differences, load_corrections, load_documents


async def test_every_difference_is_a_listed_correction(owner: Connection) -> None:
    found = set(differences(load_documents(), await read_catalogue(owner)))
    listed = {line for correction in load_corrections() for line in correction.differences}
    assert found - listed == set(), "differences without a correction; list them in tests/db/corrections/"
    assert listed - found == set(), "corrections without a difference"


async def test_every_object_of_the_documents_is_there(owner: Connection) -> None:
    documents, catalogue = load_documents(), await read_catalogue(owner)
    columns = [(name, column) for name, table in documents.tables.items() for column in table.columns]
    assert (len(documents.tables), len(columns)) == (24, 227)
    assert [place for place in columns if place[1] not in catalogue.tables[place[0]].columns] == []
    indexes = [(name, index) for name, table in documents.tables.items() for index in table.indexes]
    assert [place for place in indexes if place[1] not in catalogue.tables[place[0]].indexes] == []
    assert documents.enums.items() <= catalogue.enums.items()


async def test_a_lost_column_default_check_or_index_is_a_difference(owner: Connection) -> None:
    await owner.execute("""
        alter table booking.order alter currency drop default, drop constraint order_location_kind_check;
        alter table saved_search drop column paused_until;
        drop index idx_rfi_email;
        alter table follow drop constraint follow_pkey;
    """)
    found = set(differences(load_documents(), await read_catalogue(owner)))
    listed = {line for correction in load_corrections() for line in correction.differences}
    assert found - listed == {
        "booking.order.currency: default None",
        "booking.order: without location_kind in (buyer, provider_studio, rented_studio, remote)",
        "public.saved_search.paused_until: missing",
        "public.referral_invite: index idx_rfi_email over None",
        "public.follow: without primary key (follower_user_id, target_id, target_kind)",
    }


def test_each_correction_names_its_record_and_is_listed_once() -> None:
    corrections = load_corrections()
    assert {
        correction.record for correction in corrections if not (DOCS / "adr" / correction.record).is_file()
    } == set()
    lines = Counter(line for correction in corrections for line in correction.differences)
    assert [line for line, times in lines.items() if times > 1] == []
