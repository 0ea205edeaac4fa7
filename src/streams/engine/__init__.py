"""What every dataflow needs: sources that never block, sinks with one writer per partition, recovery, processes.

This package and each dataflow's `flow.py` alone know Bytewax. Bytewax delivers at least once and knows nothing of
transactions; that each record has its effect once is the doing of `stream_partition`: a writer takes a partition by
raising its fence, and commits every batch together with the batch's last offset, under that fence.
"""
