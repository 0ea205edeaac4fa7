"""Every call: method, path, what it accepts, and who handles it."""

from dataclasses import dataclass
from typing import Final

from devstack.stripe_sandbox import control
from devstack.stripe_sandbox.params import Shape
from devstack.stripe_sandbox.resources import (
    accounts,
    balances,
    charges,
    customers,
    disputes,
    events,
    fraud_warnings,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    transfers,
)
from devstack.stripe_sandbox.world import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API, or one switch of the sandbox."""

    method: str
    path: str
    handler: Handler
    shape: Shape = control.NOTHING


API: Final = (
    Route("POST", "/v1/customers", customers.create, customers.CREATE),
    Route("GET", "/v1/customers", customers.listing, customers.LIST),
    Route("GET", "/v1/customers/{customer}", customers.retrieve),
    Route("POST", "/v1/customers/{customer}", customers.update, customers.UPDATE),
    Route("DELETE", "/v1/customers/{customer}", customers.delete),
    Route(
        "GET",
        "/v1/customers/{customer}/payment_methods",
        payment_methods.listing_of_customer,
        payment_methods.LIST_OF_CUSTOMER,
    ),
    Route("POST", "/v1/payment_methods", payment_methods.create, payment_methods.CREATE),
    Route("GET", "/v1/payment_methods", payment_methods.listing, payment_methods.LIST),
    Route("GET", "/v1/payment_methods/{payment_method}", payment_methods.retrieve),
    Route("POST", "/v1/payment_methods/{payment_method}/attach", payment_methods.attach, payment_methods.ATTACH),
    Route("POST", "/v1/payment_methods/{payment_method}/detach", payment_methods.detach),
    Route("POST", "/v1/setup_intents", setup_intents.create, setup_intents.CREATE),
    Route("GET", "/v1/setup_intents", setup_intents.listing, setup_intents.LIST),
    Route("GET", "/v1/setup_intents/{intent}", setup_intents.retrieve, payment_intents.RETRIEVE),
    Route("POST", "/v1/setup_intents/{intent}/confirm", setup_intents.confirm, setup_intents.CONFIRM),
    Route("POST", "/v1/setup_intents/{intent}/cancel", setup_intents.cancel, setup_intents.CANCEL),
    Route("POST", "/v1/payment_intents", payment_intents.create, payment_intents.CREATE),
    Route("GET", "/v1/payment_intents", payment_intents.listing, payment_intents.LIST),
    Route("GET", "/v1/payment_intents/{intent}", payment_intents.retrieve, payment_intents.RETRIEVE),
    Route("POST", "/v1/payment_intents/{intent}", payment_intents.update, payment_intents.UPDATE),
    Route("POST", "/v1/payment_intents/{intent}/confirm", payment_intents.confirm, payment_intents.CONFIRM),
    Route("POST", "/v1/payment_intents/{intent}/capture", payment_intents.capture, payment_intents.CAPTURE),
    Route("POST", "/v1/payment_intents/{intent}/cancel", payment_intents.cancel, payment_intents.CANCEL),
    Route("GET", "/v1/charges", charges.listing, charges.LIST),
    Route("GET", "/v1/charges/{charge}", charges.retrieve),
    Route("POST", "/v1/charges/{charge}", charges.update, charges.UPDATE),
    Route("POST", "/v1/refunds", refunds.create, refunds.CREATE),
    Route("GET", "/v1/refunds", refunds.listing, refunds.LIST),
    Route("GET", "/v1/refunds/{refund}", refunds.retrieve),
    Route("POST", "/v1/refunds/{refund}", refunds.update, refunds.UPDATE),
    Route("POST", "/v1/accounts", accounts.create, accounts.CREATE),
    Route("GET", "/v1/accounts", accounts.listing, accounts.LIST),
    Route("GET", "/v1/accounts/{account}", accounts.retrieve),
    Route("POST", "/v1/accounts/{account}", accounts.update, accounts.UPDATE),
    Route("POST", "/v1/account_links", accounts.link, accounts.LINK),
    Route("POST", "/v1/transfers", transfers.create, transfers.CREATE),
    Route("GET", "/v1/transfers", transfers.listing, transfers.LIST),
    Route("GET", "/v1/transfers/{transfer}", transfers.retrieve),
    Route("POST", "/v1/transfers/{transfer}", transfers.update, transfers.UPDATE),
    Route("POST", "/v1/transfers/{transfer}/reversals", transfers.reverse, transfers.REVERSE),
    Route("GET", "/v1/transfers/{transfer}/reversals", transfers.listing_of_reversals, transfers.LIST_REVERSALS),
    Route("GET", "/v1/transfers/{transfer}/reversals/{reversal}", transfers.retrieve_reversal),
    Route("GET", "/v1/disputes", disputes.listing, disputes.LIST),
    Route("GET", "/v1/disputes/{dispute}", disputes.retrieve),
    Route("POST", "/v1/disputes/{dispute}", disputes.update, disputes.UPDATE),
    Route("POST", "/v1/disputes/{dispute}/close", disputes.close),
    Route("GET", "/v1/radar/early_fraud_warnings", fraud_warnings.listing, fraud_warnings.LIST),
    Route("GET", "/v1/radar/early_fraud_warnings/{warning}", fraud_warnings.retrieve),
    Route("GET", "/v1/balance", balances.retrieve),
    Route("GET", "/v1/balance_transactions", balances.listing, balances.LIST),
    Route("GET", "/v1/balance_transactions/{transaction}", balances.retrieve_transaction),
    Route("GET", "/v1/events", events.listing, events.LIST),
    Route("GET", "/v1/events/{event}", events.retrieve),
)

SWITCHES: Final = (
    Route("GET", "/_sandbox/health", control.health),
    Route(
        "POST", "/_sandbox/payment_intents/{intent}/challenge", control.complete_payment_challenge, control.CHALLENGE
    ),
    Route("POST", "/_sandbox/payment_intents/{intent}/expire", control.expire_authorisation),
    Route("POST", "/_sandbox/setup_intents/{intent}/challenge", control.complete_setup_challenge, control.CHALLENGE),
    Route("POST", "/_sandbox/refunds/{refund}/fail", control.fail_refund, control.FAIL_REFUND),
    Route("POST", "/_sandbox/refunds/{refund}/settle", control.settle_refund),
    Route("POST", "/_sandbox/accounts/{account}/onboard", control.onboard),
    Route("POST", "/_sandbox/accounts/{account}/standing", control.set_standing, control.STANDING),
    Route("POST", "/_sandbox/accounts/{account}/payouts", control.pay_out, control.PAYOUT),
    Route("POST", "/_sandbox/charges/{charge}/disputes", control.file_dispute, control.FILE_DISPUTE),
    Route("POST", "/_sandbox/charges/{charge}/early_fraud_warnings", control.warn_of_fraud, control.WARNING),
    Route("POST", "/_sandbox/disputes/{dispute}/escalate", control.escalate_dispute),
    Route("POST", "/_sandbox/disputes/{dispute}/decide", control.decide_dispute, control.STATUS),
    Route("POST", "/_sandbox/disputes/{dispute}/status", control.set_dispute_status, control.STATUS),
    Route("POST", "/_sandbox/disputes/{dispute}/withdraw_funds", control.withdraw_dispute_funds),
    Route("POST", "/_sandbox/disputes/{dispute}/reinstate_funds", control.reinstate_dispute_funds),
    Route("GET", "/_sandbox/ledger", control.ledger),
    Route("POST", "/_sandbox/balance/settle", control.settle_balance),
    Route("POST", "/_sandbox/idempotency_keys/forget", control.forget_keys),
    Route("GET", "/_sandbox/faults", control.list_faults),
    Route("POST", "/_sandbox/faults", control.arm_fault, control.ARM),
    Route("DELETE", "/_sandbox/faults", control.disarm_faults),
    Route("GET", "/_sandbox/webhooks", control.get_webhooks),
    Route("POST", "/_sandbox/webhooks", control.set_webhooks, control.WEBHOOKS),
    Route("POST", "/_sandbox/webhooks/resend", control.resend, control.RESEND),
    Route("POST", "/_sandbox/events", control.emit, control.EMIT),
)
