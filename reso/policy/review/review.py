"""All remarks on a policy that can be made without running a case."""

from collections.abc import Mapping

from reso.policy.document import Document
from reso.policy.model import Policy
from reso.policy.review.firing import never_deciding
from reso.policy.review.overlays import shortening
from reso.policy.review.phrases import one_sided
from reso.policy.review.places import Places
from reso.policy.review.questions import flawed_questions
from reso.policy.review.remark import Remark
from reso.policy.review.used import uncited, unused
from reso.policy.review.values import without_a_beginning


def remarks(
    policy: Policy, documents: Mapping[str, Document], shared: frozenset[str] = frozenset()
) -> list[Remark]:
    """Return what an author should look at again; `shared` are files other packs use, too."""
    places = Places(documents, shared)
    return [
        *one_sided(policy),
        *without_a_beginning(places),
        *shortening(policy),
        *never_deciding(policy, places),
        *flawed_questions(policy, places),
        *unused(policy, places),
        *uncited(policy, places),
    ]
