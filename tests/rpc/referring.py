"""Referrals as tests see them: who brings whom, and what happens outside until it is judged."""

from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from callsheet.growth.v1 import credit_pb2
from callsheet.growth.v1 import referral_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.core.db import Tx
from server.core.secrecy import KeyedHash, Sealed
from server.directory.repository import DirectoryRepository
from server.growth.credit.counter import CreditCounter
from server.growth.credit.repository import CreditRepository
from server.growth.referrals.domain import CompletedOrder
from server.growth.referrals.judging import ReferralJudge
from server.growth.referrals.repository import ReferralRepository
from tests.rpc.growth import lasting, person
from tests.rpc.harness import Running

INVITER = "usr_inviter"
ADMIN = lasting("usr_admin", Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Bring:
    """Somebody brings somebody, as far as a test cares."""

    invitee: str
    inviter: str = INVITER
    email: str = ""
    device: str = ""
    address: str = ""
    inviter_device: str = ""
    inviter_address: str = ""
    card: str = ""


class World:
    """What happens outside: people sign up, orders are completed and reversed."""

    def __init__(self, server: Running, database: DatabaseUrls, clock: ManualClock) -> None:
        self.server = server
        self.database = database
        self.clock = clock
        core, hashes = server.app.core, KeyedHash(b"pepper")
        people = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
        counter = CreditCounter(CreditRepository(), clock, core.ids)
        self.judge = ReferralJudge(ReferralRepository(), counter, people, hashes, clock, core.ids, core.jobs)
        self.growth = GrowthServiceStub(server.channel)
        self.program_id = ""
        self.orders = 0

    async def program(
        self, *, cap: int = 5, kind: "pb.ProgramKind.ValueType" = pb.PROGRAM_KIND_BUYER_INVITES_BUYER
    ) -> str:
        terms = pb.ProgramTerms(
            kind=kind,
            reward_fixed_cents=1_500,
            credit_scope=credit_pb2.CREDIT_SCOPE_BUYER_FEE_ONLY,
            monthly_cap=cap,
            min_order_cents=10_000,
            credit_valid_days=90,
            active=True,
        )
        answer = await self.growth.CreateReferralProgram(pb.CreateReferralProgramRequest(terms=terms), metadata=ADMIN)
        self.program_id = answer.program.program_id
        return self.program_id

    async def invited(self, bring: Bring) -> pb.ReferralInvite:
        answer = await self.growth.CreateReferralInvite(
            pb.CreateReferralInviteRequest(
                program_id=self.program_id,
                email=bring.email or f"{bring.invitee}@example.org",
                device=bring.inviter_device,
                address=bring.inviter_address,
            ),
            metadata=lasting(bring.inviter),
        )
        self.clock.advance(timedelta(minutes=10))
        return answer.invite

    async def accepted(self, bring: Bring, *, signs_up_as: str = "") -> pb.ReferralInvite:
        invite = await self.invited(bring)
        await person(self.server, bring.invitee, email=signs_up_as or bring.email or f"{bring.invitee}@example.org")
        answer = await self.growth.AcceptReferralInvite(
            pb.AcceptReferralInviteRequest(invite_id=invite.invite_id, device=bring.device, address=bring.address),
            metadata=lasting(bring.invitee),
        )
        return answer.invite

    async def order(self, buyer: str, *, provider: str = "usr_provider", cents: int = 20_000, card: str = "") -> str:
        """An order that Booking has completed, told to referrals as its job does."""
        self.orders += 1
        order_id = f"ord_{self.orders}"
        order = CompletedOrder(order_id, buyer, provider, cents, self.clock.now(), card)

        async def tell(tx: Tx) -> None:
            await self.judge.order_completed(tx, order)

        for _ in range(2):
            await self.server.app.core.database.run(tell)
        return order_id

    async def brought(self, bring: Bring, *, signs_up_as: str = "") -> str:
        """From the invitation to the end of the hold; the invitation's id."""
        invite = await self.accepted(bring, signs_up_as=signs_up_as)
        await self.order(bring.invitee, card=bring.card)
        self.clock.advance(timedelta(days=14, minutes=1))
        await self.server.worker().run_due()
        return invite.invite_id

    async def outcome(self, invite_id: str) -> tuple[str, bool, str]:
        row = await self.row(
            "select status, in_review, decision_reason from referral_invite where invite_id = $1", invite_id
        )
        return row["status"], row["in_review"], row["decision_reason"] or ""

    async def row(self, sql: str, *values: object) -> "asyncpg.Record":
        async with self.server.app.core.database.read() as tx:
            found = await tx.fetchrow(sql, *values)
        assert found is not None
        return found

    async def credit(self, user_id: str = INVITER) -> int:
        answer = await self.growth.GetCreditBalance(
            credit_pb2.GetCreditBalanceRequest(user_id=user_id), metadata=lasting(user_id)
        )
        return answer.balance_cents
