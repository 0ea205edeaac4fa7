"""Which rules decide about clicks, as they were published: `promo_rule_book`. A published book is never changed."""
