"""The embedded services and the supervisor behind `make up`, and the parts the tests run against.

Owns every process that a developer's machine needs beside Callsheet's own, and the data directory they write to
(`.callsheet/`). Production never imports it.
"""
