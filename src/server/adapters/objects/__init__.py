"""Object storage: files that are uploaded and downloaded past us, by links that fix what may pass.

boto3 blocks, so its calls run in a bounded pool of threads. Nothing else imports it.
"""
