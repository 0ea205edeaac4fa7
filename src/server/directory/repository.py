"""Rows of schema `directory` and what they mean."""

import json
from collections.abc import Sequence
from datetime import datetime

from callsheet.sql.directory import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import NotFound
from server.core.secrecy import KeyedHash, Sealed, normal_email, one_mailbox
from server.directory.domain import ExportSection, UserKind, UserProfile, UserUpsert

_queries = load_queries("server.directory", Queries)


class DirectoryRepository:
    """Reads and writes people on the caller's transaction. The only holder of the keys to their addresses."""

    def __init__(self, sealed: Sealed, hashes: KeyedHash) -> None:
        self._sealed = sealed
        self._hashes = hashes

    async def save(self, tx: Tx, users: Sequence[UserUpsert], *, now: datetime) -> dict[str, UserProfile]:
        """Creates or replaces profiles; those that were erased are not among the answered."""
        rows = await _queries.upsert_users(
            tx,
            user_ids=[user.user_id for user in users],
            email_ciphertexts=[self._sealed.seal(user.email, user.user_id) for user in users],
            email_hashes=[self._hashes.of("email", normal_email(user.email)) for user in users],
            kinds=[",".join(sorted(user.kinds)) for user in users],
            time_zones=[user.time_zone for user in users],
            locales=[user.locale for user in users],
            nsfw_preferences=[user.nsfw_preference for user in users],
            now=now,
        )
        return {row["user_id"]: _profile(row) for row in rows}

    async def get(self, tx: Tx, user_id: str) -> UserProfile | None:
        row = await _queries.get_user(tx, user_id=user_id)
        return None if row is None else _profile(row)

    async def get_all(self, tx: Tx, user_ids: Sequence[str]) -> dict[str, UserProfile]:
        rows = await _queries.get_users(tx, user_ids=user_ids)
        return {row["user_id"]: _profile(row) for row in rows}

    async def email(self, tx: Tx, user_id: str) -> str:
        """The address, for the mailer alone."""
        row = await _queries.sealed_email(tx, user_id=user_id)
        if row is None:
            raise NotFound(user_id)
        return self._sealed.open(row["email_ciphertext"], user_id)

    def mailbox_hash(self, email: str) -> bytes:
        """Equal for two addresses of one mailbox."""
        return self._hashes.of("mailbox", one_mailbox(email))

    async def mailbox_of(self, tx: Tx, user_id: str) -> bytes:
        """The same of a person's own address, which does not leave."""
        return self.mailbox_hash(await self.email(tx, user_id))

    async def pseudonyms(self, tx: Tx, user_ids: Sequence[str]) -> dict[str, str]:
        """Which of these people were erased, and what stands for them now."""
        by_hash = {self._hash(user_id): user_id for user_id in user_ids}
        rows = await _queries.erasures_of(tx, user_id_hashes=list(by_hash))
        return {by_hash[row["user_id_hash"]]: row["pseudonym"] for row in rows}

    async def lock(self, tx: Tx, *user_ids: str) -> None:
        """Lets nobody else store or erase these people until the transaction ends."""
        await _queries.lock_people(tx, user_ids=user_ids)

    async def erase(self, tx: Tx, user_id: str, pseudonym: str, *, requested_by: str, now: datetime) -> None:
        """Writes the erasure down and carries it out in every table."""
        await _queries.remember_erasure(
            tx, user_id_hash=self._hash(user_id), pseudonym=pseudonym, requested_by=requested_by, now=now
        )
        await _queries.erase_user(tx, user_id=user_id, pseudonym=pseudonym)

    async def export(self, tx: Tx, user_id: str) -> list[ExportSection]:
        """Every row that names the person, their profile first."""
        profile = await _queries.export_profile(tx, user_id=user_id)
        if profile is None:
            raise NotFound(user_id)
        rows: dict[str, list[dict[str, object]]] = {"directory.user_profile": [dict(profile)]}
        for row in await _queries.export_user(tx, user_id=user_id):
            rows.setdefault(row["relation"], []).append(json.loads(row["content"]))
        rows["directory.user_profile"][0]["email"] = await self.email(tx, user_id)
        return [ExportSection(name, section) for name, section in rows.items()]

    def _hash(self, user_id: str) -> bytes:
        return self._hashes.of("user", user_id)


def _profile(row: Record) -> UserProfile:
    return UserProfile(
        user_id=row["user_id"],
        kinds=frozenset(UserKind(kind) for kind in row["kinds"]),
        time_zone=row["time_zone"],
        locale=row["locale"],
        nsfw_preference=row["nsfw_preference"],
        erased=row["erased_at"] is not None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
