"""What can go wrong with the budgets."""

from server.core.errors import DependencyDown


class BudgetsDown(DependencyDown):
    """The budgets do not answer. What was being claimed may or may not have been."""

    def __init__(self) -> None:
        super().__init__("budgets")
