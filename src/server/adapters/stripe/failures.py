"""How a call to the processor can fail, told apart by what the caller may do next."""


class ProcessorFailure(Exception):
    """A call that did not succeed. `code` is the processor's own word for it, fit to be stored and shown to staff."""

    def __init__(self, code: str, message: str = "", *, request_id: str | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.request_id = request_id


class Declined(ProcessorFailure):
    """The issuer refused. Another card may do, or the same one later; the same call will not."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        decline_code: str | None = None,
        payment_intent_id: str | None = None,
        charge_id: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(code, message, request_id=request_id)
        self.decline_code = decline_code
        self.payment_intent_id = payment_intent_id
        self.charge_id = charge_id


class AuthenticationRequired(Declined):
    """The issuer wants the cardholder's proof, and nobody was there to give it: the payer has to come back."""


class Refused(ProcessorFailure):
    """The processor's rules forbid the call: wrong state, wrong amount, unknown parameter. Repeating it is no use."""

    def __init__(
        self, code: str, message: str = "", *, param: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(code, message, request_id=request_id)
        self.param = param


class ObjectMissing(Refused):
    """Something that the call names does not exist at the processor."""


class InsufficientBalance(Refused):
    """The balance that the money would come from does not cover it, now."""


class KeyReused(ProcessorFailure):
    """The idempotency key was used before with other parameters: a defect of ours, and nothing happened."""


class AccessDenied(ProcessorFailure):
    """Our credentials are not accepted, or not for this: a matter for whoever runs the installation."""


class Unavailable(ProcessorFailure):
    """The call was not carried out: not reached, over the rate, or its key is busy. The same key may be tried again."""


class OutcomeUnknown(ProcessorFailure):
    """Nobody can say whether it happened: no answer, or an error on their side.

    The same key may be tried again, unless `replayed`: then this very error is what the key will always answer, and
    only looking up helps.
    """

    def __init__(self, code: str, message: str = "", *, replayed: bool = False, request_id: str | None = None) -> None:
        super().__init__(code, message, request_id=request_id)
        self.replayed = replayed
