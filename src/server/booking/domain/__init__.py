"""What an order, its requests and its invitations are, and which steps each may take. Pure: no clock, no database, no
protobuf.
"""
