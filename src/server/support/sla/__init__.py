"""How fast a case is answered: working calendars, targets, and the clocks that follow from a case's history."""
