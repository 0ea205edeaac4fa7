"""Where nothing ever listens: what a test does not need must not be looked for beyond this machine."""

NOBODY = "http://127.0.0.1:9"
