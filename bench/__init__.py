"""Measurements that can be repeated: each prints what it compares, and a ratio measured in one run.

`make bench` runs all of them, `make bench ONLY=unary` one. Every figure is a line
`RESULT name=<x> value=<n> unit=<u>`.
"""
