"""A mail server that delivers to nobody: it keeps every mail as a file and shows them on a web page.

`python -m devstack.mail --smtp-port N --http-port N --directory DIR`; `/` lists the mails for people, `/api/mails` for
programs, `/mails/ID/source` is the mail as it came in.
"""
