"""The people and studios that searches find, as internal clients describe them."""

from collections.abc import Sequence

from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.growth.saved_searches.document_rows import SearchDocumentRepository
from server.growth.saved_searches.domain import SearchDocument, check_documents


class SearchDocumentUseCases:
    """Keeps the documents that saved searches look in."""

    def __init__(self, database: Database, repository: SearchDocumentRepository, clock: Clock) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock

    async def upsert(self, documents: Sequence[SearchDocument], once: Guard[int] | None) -> int:
        """Stores all or none, and tells how many differed from what was there."""
        check_documents(documents)

        async def work(tx: Tx) -> int:
            return await self._repository.save(tx, documents, now=self._clock.now())

        return await self._database.run(work, once=once)

    async def delete(self, document_ids: Sequence[str], once: Guard[int] | None) -> int:
        """Forgets documents and tells how many there were."""
        return await self._database.run(lambda tx: self._repository.delete(tx, document_ids), once=once)
