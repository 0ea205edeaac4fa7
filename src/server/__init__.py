"""The Callsheet server: four vertical slices over one core, served by grpc.aio and worked off by jobs."""
