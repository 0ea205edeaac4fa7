"""What rules count in: arrivals of clicks by address, person, device, viewer and impression.

State is kept in tens of buckets, because every snapshot holds each touched bucket whole and recovery keeps a row for
every key it has ever seen. Inside a bucket there are flat arrays (`journal.py`), bounded in time and in depth, so that
a bucket is no larger in a snapshot than in memory, and no larger after a year than after a day.

An arrival is counted once: when it comes again it gets the answer that it got the first time, as if nothing had
followed.
"""
