"""All faults, in the order in which an answer could meet them."""

from itertools import chain

from tests.faults.faults import Fault
from tests.faults.faults_of_content import auths, contents, jsons, packings, pages
from tests.faults.faults_of_rows import rows, values
from tests.faults.faults_of_transport import (
    connections,
    floods,
    lengths,
    redirects,
    statuses,
    times,
    tls,
)

FAULTS: tuple[Fault, ...] = tuple(
    chain(
        *(connections(), tls(), times(), lengths(), floods(), statuses(), redirects()),
        *(contents(), packings(), jsons(), values(), rows(), pages(), auths()),
    )
)
