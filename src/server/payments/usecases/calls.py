"""Stored calls: committed before they are made, made under their key, their outcome committed once.

    transaction of a slice        this module                            processor
    ──────────────────────        ───────────                            ─────────
    effect + call + job  ──────▶  make it under the key          ─────▶  effect, once a key
                                  outcome + owners + reply job   ◀─────  answer

Whoever dies in between, the job runs again and repeats the call under the same key, for which the processor gives its
first answer. Where the key is of no use (a day old, or stuck on an error), the effect is looked up; what is not there
is asked for again under the next generation of the key.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeAlias

import structlog

from server.adapters.stripe import failures
from server.adapters.stripe.objects import Result
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import Request
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import DependencyDown
from server.core.ids import Ids
from server.core.jobs import JobKind, Jobs
from server.payments.domain import CallFailure, Owner, StoredCall
from server.payments.errors import OutcomePending
from server.payments.kinds import HANDLE_EVENT, PERFORM_CALL
from server.payments.methods import Sought, params_hash
from server.payments.registry import METHOD_OF, METHODS
from server.payments.repository import CallRepository, InboxRepository

OVERDUE: Final = timedelta(minutes=10)
SWEPT_AT_ONCE: Final = 500

Hook: TypeAlias = Callable[[Tx, StoredCall, Result], Awaitable[None]]
"""What payments itself does in the transaction that commits a success."""


class Calls:
    """The `CallBook`, the `ObjectBook` and the `Performer`."""

    def __init__(
        self,
        database: Database,
        repository: CallRepository,
        inbox: InboxRepository,
        processor: PaymentProcessor,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
        hooks: Mapping[str, Hook],
    ) -> None:
        self._database = database
        self._repository = repository
        self._inbox = inbox
        self._processor = processor
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._hooks = hooks
        self._log = structlog.get_logger("payments")

    async def store(
        self,
        tx: Tx,
        request: Request,
        *,
        key: str,
        owner: Owner,
        reply: JobKind | None = None,
        after: timedelta = timedelta(0),
    ) -> StoredCall:
        method, now = METHOD_OF[type(request)], self._clock.now()
        params = method.write(request)
        call = await self._repository.store(
            tx,
            call_id=self._ids.new("spc"),
            key=key,
            method=method.name,
            params=params,
            params_hash=params_hash(method.name, params),
            owner=owner,
            reply_kind=reply.name if reply else None,
            now=now,
        )
        if not call.settled:
            await self._jobs.enqueue(tx, PERFORM_CALL, key=call.call_id, run_at=now + after)
        return call

    async def get(self, tx: Tx, call_id: str) -> StoredCall:
        return await self._repository.get(tx, call_id)

    async def of_owner(self, tx: Tx, owner: Owner) -> Sequence[StoredCall]:
        return await self._repository.of_owner(tx, owner)

    def result(self, call: StoredCall) -> Result | None:
        return None if call.outcome is None else METHODS[call.method].read_result(call.outcome)

    async def register(self, tx: Tx, object_ids: Sequence[str], owner: Owner) -> None:
        if not object_ids:
            return
        # An event whose handler registers what it names would wake itself for ever, were it not for the new ones alone.
        known_from_now = await self._repository.register(tx, object_ids, owner)
        if not known_from_now:
            return
        for event_id in await self._inbox.parked_about(tx, known_from_now):
            await self._jobs.enqueue(tx, HANDLE_EVENT, key=event_id)

    async def owner_of(self, tx: Tx, object_id: str) -> Owner | None:
        return (await self._repository.owners(tx, [object_id])).get(object_id)

    async def perform(self, call_id: str) -> tuple[StoredCall, Result | None]:
        async with self._database.read() as tx:
            call = await self._repository.get(tx, call_id)
        await point("payments.call_stored")
        if call.settled:
            return call, self.result(call)
        if call.key_is_stale(self._clock.now()):
            return await self._look_up(call)
        try:
            result = await METHODS[call.method].make(
                self._processor, call.params, key=call.processor_key, call_id=call.call_id
            )
        except failures.Unavailable as failure:
            raise OutcomePending(failure.code) from failure
        except failures.AccessDenied as failure:
            self._log.error("the payment processor denies access", code=failure.code)
            raise DependencyDown("stripe") from failure
        except failures.OutcomeUnknown as failure:
            return await self._lost(call, failure)
        except failures.ProcessorFailure as failure:
            return await self._fail(call, failure), None
        await point("payments.call_made")
        return await self._succeed(call, result)

    async def sweep(self) -> int:
        """Has every overdue call made again; how many there are."""

        async def work(tx: Tx) -> int:
            overdue = await self._repository.strays(tx, before=self._clock.now() - OVERDUE, limit=SWEPT_AT_ONCE)
            for call_id in overdue:
                await self._jobs.enqueue(tx, PERFORM_CALL, key=call_id)
            return len(overdue)

        return await self._database.run(work)

    async def _lost(self, call: StoredCall, failure: failures.OutcomeUnknown) -> tuple[StoredCall, Result | None]:
        """An attempt of which nobody knows how it ended. A key that answers with an error for ever is given up."""
        await self._database.run(
            lambda tx: self._repository.lose_sight(tx, call.call_id, failure.code, now=self._clock.now())
        )
        await point("payments.call_lost")
        if failure.replayed:
            return await self._look_up(call)
        raise OutcomePending(failure.code) from failure

    async def _look_up(self, call: StoredCall) -> tuple[StoredCall, Result | None]:
        """Settles a call by what the processor holds; what is not there is asked for again under a new key."""
        try:
            found = await METHODS[call.method].look_up(
                self._processor, call.params, Sought(call.call_id, call.created_at)
            )
        except failures.ObjectMissing:
            found = None
        except failures.ProcessorFailure as failure:
            raise OutcomePending(failure.code) from failure
        if found is not None:
            return await self._succeed(call, found)
        await self._database.run(lambda tx: self._repository.begin_generation(tx, call, now=self._clock.now()))
        return await self.perform(call.call_id)

    async def _succeed(self, call: StoredCall, result: Result) -> tuple[StoredCall, Result | None]:
        method = METHODS[call.method]
        outcome, made = method.write_result(result), method.made(result)

        async def work(tx: Tx) -> StoredCall | None:
            settled = await self._repository.succeed(tx, call, outcome, now=self._clock.now())
            if settled is None:
                return None
            await self.register(tx, made, call.owner)
            hook = self._hooks.get(call.method)
            if hook is not None:
                await hook(tx, settled, result)
            await self._reply(tx, settled)
            return settled

        settled = await self._database.run(work)
        await point("payments.call_settled")
        return (await self._settled(call.call_id), result) if settled is None else (settled, result)

    async def _fail(self, call: StoredCall, failure: failures.ProcessorFailure) -> StoredCall:
        reason = CallFailure(failure.code)
        if isinstance(failure, failures.Declined):
            reason = CallFailure(failure.code, failure.decline_code, failure.payment_intent_id, failure.charge_id)

        async def work(tx: Tx) -> StoredCall | None:
            settled = await self._repository.fail(tx, call, reason, now=self._clock.now())
            if settled is None:
                return None
            # A declined payment still exists at the processor, and tells of itself by events.
            made = [one for one in (reason.payment_intent_id, reason.charge_id) if one is not None]
            await self.register(tx, made, call.owner)
            await self._reply(tx, settled)
            return settled

        settled = await self._database.run(work)
        await point("payments.call_failed")
        return await self._settled(call.call_id) if settled is None else settled

    async def _settled(self, call_id: str) -> StoredCall:
        """The call as somebody else settled it."""
        async with self._database.read() as tx:
            return await self._repository.get(tx, call_id)

    async def _reply(self, tx: Tx, call: StoredCall) -> None:
        """Takes back the job that would make the call, and tells whoever waits for the outcome."""
        await self._jobs.cancel(tx, PERFORM_CALL, key=call.call_id)
        if call.reply_kind is not None:
            reply = JobKind(call.reply_kind, "settles what a stored call was made for")
            await self._jobs.enqueue(tx, reply, key=call.call_id, payload={"call_id": call.call_id})
