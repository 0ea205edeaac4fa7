"""The directory, built."""

from callsheet.directory.v1 import directory_pb2
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.secrecy import KeyedHash, Sealed
from server.directory.ports import Forgets
from server.directory.repository import DirectoryRepository
from server.directory.servicer import DirectoryServicer
from server.directory.usecases import DirectoryUseCases


def build(core: Core, *forgetting: Forgets) -> Slice:
    """The slice, and whoever must forget a person beside the tables of the register."""
    hashes = KeyedHash(core.settings.pepper.get_secret_value().encode())
    repository = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
    usecases = DirectoryUseCases(core.database, repository, core.clock, core.ids, forgetting)
    servicer = DirectoryServicer(usecases, core.calls)
    return Slice(services=[Service(directory_pb2.DESCRIPTOR.services_by_name["DirectoryService"], servicer)])
