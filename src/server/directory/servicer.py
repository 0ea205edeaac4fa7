"""Directory's RPCs: parse, call, render."""

from callsheet.directory.v1 import directory_pb2 as pb
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.directory import convert
from server.directory.usecases import DirectoryUseCases


class DirectoryServicer(DirectoryServiceServicer):
    """Answers `callsheet.directory.v1.DirectoryService`."""

    def __init__(self, usecases: DirectoryUseCases, calls: IdempotentCalls) -> None:
        self._usecases = usecases
        self._once = calls.once

    async def UpsertUsers(self, request: pb.UpsertUsersRequest, context: object) -> pb.UpsertUsersResponse:
        users = convert.upserts(request)
        profiles = await self._usecases.upsert(users, self._once(request, convert.upsert_users_response))
        return convert.upsert_users_response(profiles)

    async def GetUser(self, request: pb.GetUserRequest, context: object) -> pb.GetUserResponse:
        user = await self._usecases.get(request.user_id)
        return convert.get_user_response(user)

    async def ExportUser(self, request: pb.ExportUserRequest, context: object) -> pb.ExportUserResponse:
        export = await self._usecases.export(request.user_id)
        return convert.export_user_response(export)

    async def EraseUser(self, request: pb.EraseUserRequest, context: object) -> pb.EraseUserResponse:
        command = convert.erase_user(request, current_actor())
        pseudonym = await self._usecases.erase(command, self._once(request, convert.erase_user_response))
        return convert.erase_user_response(pseudonym)
