"""What advertisers are told about their money: once for each cause, in the app and by at most one mail.

Owns promo_notice. A notice is stored by the transaction that gives cause to it; a job tells growth, which shows it, and
hands the mail over.
"""
