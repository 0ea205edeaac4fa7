"""Calls on policies."""

from callsheet.promo.v1 import policy_pb2 as pb
from server.core.call import current_actor
from server.promo import convert
from server.promo.servicer.calls import Calls


class PolicyCalls(Calls):
    """Answers the calls on policies."""

    async def PutPolicy(self, request: pb.PutPolicyRequest, context: object) -> pb.PutPolicyResponse:
        command = convert.put_policy(request)
        policy = await self._use.policies.put(command, self._once(request, convert.put_policy_response))
        return convert.put_policy_response(policy)

    async def ListPolicies(self, request: pb.ListPoliciesRequest, context: object) -> pb.ListPoliciesResponse:
        command = convert.list_policies(request, current_actor())
        page = await self._use.policies.list(command)
        return convert.list_policies_response(page)

    async def DeletePolicy(self, request: pb.DeletePolicyRequest, context: object) -> pb.DeletePolicyResponse:
        once = self._once(request, convert.delete_policy_response)
        await self._use.policies.delete(request.policy_id, once)
        return convert.delete_policy_response(None)
