"""An address that somebody typed leads to nothing of ours, however it is written and whatever its name says the next time."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from mediconnect.resilience.gateway import Gateway, Guard, Limits
from mediconnect.resilience.gateway.switchboard import Switchboard, switchboard
from mediconnect.resilience.outside import Forbidden, Garbled, OutsideError, Refused, Unavailable
from tests.counterparts.faults import Behaviour, answering, endless_body, going_wrong
from tests.network import NetworkIsOffError
from tests.resilience.test_gateway import Ended

SHORT = Limits(connect=0.5, read=0.5, total=1.0)
GUARD = Guard()
DEVELOPMENT = Guard(loopback=True)

FORBIDDEN = {
    # where we live
    "https://127.0.0.1/": "forbidden-address",
    "https://127.8.9.10/": "forbidden-address",
    "https://0.0.0.0/": "forbidden-address",
    "https://10.0.0.8/": "forbidden-address",
    "https://172.16.0.1/": "forbidden-address",
    "https://172.31.255.255/": "forbidden-address",
    "https://192.168.1.1/": "forbidden-address",
    "https://100.64.0.1/": "forbidden-address",
    "https://100.100.100.200/latest/meta-data/": "forbidden-address",
    "https://169.254.169.254/latest/meta-data/": "forbidden-address",
    "https://168.63.129.16/metadata": "forbidden-address",
    "https://192.0.0.192/opc/v2/": "forbidden-address",
    "https://198.18.0.1/": "forbidden-address",
    "https://224.0.0.1/": "forbidden-address",
    "https://255.255.255.255/": "forbidden-address",
    "https://[::]/": "forbidden-address",
    "https://[::1]/": "forbidden-address",
    "https://[fd00:ec2::254]/": "forbidden-address",
    "https://[fc00::1]/": "forbidden-address",
    "https://[fe80::1]/": "forbidden-address",
    "https://[fe80::1%25eth0]/": "forbidden-address",
    "https://[fec0::1]/": "forbidden-address",
    "https://[ff02::1]/": "forbidden-address",
    # an IPv4 address inside of another
    "https://[::ffff:127.0.0.1]/": "forbidden-address",
    "https://[::ffff:7f00:1]/": "forbidden-address",
    "https://[0:0:0:0:0:ffff:169.254.169.254]/": "forbidden-address",
    "https://[::127.0.0.1]/": "forbidden-address",
    "https://[64:ff9b::7f00:1]/": "forbidden-address",
    "https://[64:ff9b:1::a9fe:a9fe]/": "forbidden-address",
    "https://[2002:7f00:1::]/": "forbidden-address",
    "https://[2002:a9fe:a9fe::1]/": "forbidden-address",
    "https://[2001:0:7f00:1::]/": "forbidden-address",
    "https://[2001:db8::1]/": "forbidden-address",
    # numbers that some take for an address
    "https://2130706433/": "forbidden-address",
    "https://017700000001/": "forbidden-address",
    "https://0x7f000001/": "forbidden-address",
    "https://0x7f.1/": "forbidden-address",
    "https://127.1/": "forbidden-address",
    "https://127.0.1/": "forbidden-address",
    "https://0177.0.0.1/": "forbidden-address",
    "https://127.0.0.0x1/": "forbidden-address",
    "https://169.254.43518/": "forbidden-address",
    "https://1.2.3.4.5/": "forbidden-address",
    "https://256.1.1.1/": "forbidden-address",
    "https://0x/": "forbidden-address",
    # names of insides
    "https://localhost/": "forbidden-name",
    "https://LOCALHOST/": "forbidden-name",
    "https://hooks.localhost/": "forbidden-name",
    "https://metadata.google.internal/": "forbidden-name",
    "https://printer.local/": "forbidden-name",
    "https://nas.home.arpa/": "forbidden-name",
    "https://intranet/": "forbidden-name",
    # written to mislead
    "https://example.org@127.0.0.1/": "address-with-password",
    "https://user:secret@example.org/": "address-with-password",
    "https://127.0.0.1\\@example.org/": "bad-address",
    "https://example.org\\.evil.test/": "bad-address",
    "https://127.0.0.1./": "bad-address",
    "https://localhost./": "bad-address",
    "https://example.org./": "bad-address",
    "https://.example.org/": "bad-address",
    "https://example..org/": "bad-address",
    "https://127。0。0。1/": "bad-address",
    "https://①②⑦.0.0.1/": "bad-address",
    "https://ｌｏｃａｌｈｏｓｔ/": "bad-address",
    "https://xn--/": "bad-address",
    "https://127.0.0.1%00.example.org/": "bad-address",
    "https://127.0.0.1%2eexample.org/": "bad-address",
    "https://exa mple.org/": "bad-address",
    "https://example.org/\r\nHost: 127.0.0.1": "bad-address",
    "https://example.org/\nX": "bad-address",
    "https://exam\tple.org/": "bad-address",
    "https://example.org/\x00": "bad-address",
    "https://example.org/#part": "bad-address",
    "https://[example.org]/": "bad-address",
    "https://[::1": "bad-address",
    "https://": "bad-address",
    "https:///path": "bad-address",
    "https://example.org:port/": "bad-address",
    "https://example.org:99999/": "bad-address",
    "": "bad-address",
    f"https://example.org/{'x' * 1_000}": "bad-address",
    # another way, another door
    "http://example.org/": "not-https",
    "ftp://example.org/": "not-https",
    "gopher://example.org/": "not-https",
    "file://example.org/etc/passwd": "not-https",
    "//example.org/": "not-https",
    "https://example.org:22/": "forbidden-port",
    "https://example.org:8443/": "forbidden-port",
    "https://example.org:0/": "forbidden-port",
}  # fmt: skip

ALLOWED = [
    "https://example.org",
    "https://example.org/hooks?clinic=1&x=%20",
    "https://EXAMPLE.org:443/hooks",
    "https://xn--mnchen-3ya.example.org/",
    "https://a_b.example.org/",
    "https://93.184.216.34/",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    "https://localhost.example.org/",
    "https://1e100.example.net/",
]


@pytest.mark.parametrize(("url", "code"), FORBIDDEN.items(), ids=repr)
def test_no_way_of_writing_opens_what_is_closed(url: str, code: str) -> None:
    with pytest.raises(Forbidden) as caught:
        GUARD.check_url(url)
    assert caught.value.code == code


@pytest.mark.parametrize("url", ALLOWED)
def test_public_addresses_over_tls_are_allowed(url: str) -> None:
    GUARD.check_url(url)
    Guard(ports=frozenset({8443})).check_url("https://example.org:8443/")


def test_development_adds_this_machine_and_nothing_else() -> None:
    for url in ("http://127.0.0.1:8123/hooks", "http://localhost:8123/", "http://[::1]:9/", "https://localhost/"):
        DEVELOPMENT.check_url(url)
        with pytest.raises(Forbidden):
            GUARD.check_url(url)
    for url in ("http://example.org/", "https://example.org:8123/", "http://10.0.0.1/", "http://169.254.169.254/"):
        with pytest.raises(Forbidden):
            DEVELOPMENT.check_url(url)


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0"])
def test_nothing_is_open_that_python_knows_to_be_closed(network: str) -> None:
    """A second opinion: the first and last address of every special network that the standard library lists."""
    whole = ipaddress.ip_network(network)
    constants = ipaddress._IPv4Constants if whole.version == 4 else ipaddress._IPv6Constants  # type: ignore[attr-defined]
    special = [*constants._private_networks, constants._multicast_network, constants._linklocal_network]
    for one in special:
        for address in (one[0], one[-1]):
            with pytest.raises(Forbidden):
                GUARD.check_ip(str(address))


class Names(AbstractResolver):
    """A name server that answers with the next of its answers, and with the last from then on."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        self.asked += 1
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


class OnlyTheFirst(Guard):
    """For these tests: the public network is 127.0.0.1, and the victim listens on 127.0.0.2."""

    def check_url(self, url: str) -> None:
        """Let every way of writing pass; what is tried here is the looking up."""

    def check_ip(self, text: str) -> None:
        """Forbid the victim."""
        if text != "127.0.0.1":
            raise Forbidden("forbidden-address")


@contextmanager
def boards(names: Names, guard: Guard | None) -> Iterator[Switchboard]:
    board = Switchboard(resolver=names, guard=guard)
    try:
        yield board
    finally:
        board.close()


@contextmanager
def victim(behaviour: Behaviour | None = None) -> Iterator[tuple[socket.socket, int]]:
    """Listen on 127.0.0.2, and count nothing: whoever connects stays in the queue, where it is seen."""
    listening = socket.create_server(("127.0.0.2", 0))
    listening.setblocking(False)
    try:
        yield listening, listening.getsockname()[1]
    finally:
        listening.close()


def was_reached(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def call(board: Switchboard, guard: Guard | None, url: str) -> OutsideError | None:
    """Call and return what it ended in."""
    try:
        Gateway("test", breaker=Ended(), board=board, guard=guard).call("POST", url, route="hook", limits=SHORT)
    except OutsideError as error:
        return error
    return None


def test_control_a_name_that_is_checked_and_then_looked_up_again_reaches_the_victim() -> None:
    """What a check before the call is worth: the second answer of the name server is another one."""
    names = Names(("127.0.0.1",), ("127.0.0.2",))
    with victim() as (listening, port), boards(names, None) as board:
        checked = board.start(names.resolve("rebinding.example.org", port)).result()
        OnlyTheFirst().check_ip(checked[0]["host"])
        call(board, None, f"http://rebinding.example.org:{port}/")
        assert was_reached(listening)


def test_a_name_that_leads_elsewhere_the_second_time_is_looked_up_once() -> None:
    names, guard = Names(("127.0.0.1",), ("127.0.0.2",)), OnlyTheFirst()
    with victim() as (listening, port), boards(names, guard) as board:
        error = call(board, guard, f"http://rebinding.example.org:{port}/")
        assert isinstance(error, Unavailable)  # nobody listens at the address that was checked
        assert names.asked == 1
        assert not was_reached(listening)


@pytest.mark.parametrize("answer", [("127.0.0.2",), ("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.1")])
def test_a_name_with_one_forbidden_address_is_not_called(answer: tuple[str, ...]) -> None:
    guard, breaker = OnlyTheFirst(), Ended()
    with victim() as (listening, port), boards(Names(answer), guard) as board:
        door = Gateway("test", breaker=breaker, board=board, guard=guard)
        with pytest.raises(Forbidden) as caught:
            door.call("POST", f"http://rebinding.example.org:{port}/", route="hook", limits=SHORT)
        assert (caught.value.code, caught.value.ambiguous) == ("forbidden-address", False)
        assert not was_reached(listening)
    assert breaker.noted == ["released"]  # it says nothing about the service


@pytest.mark.parametrize("host", ["127.0.0.2", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]"])
def test_what_slips_through_the_reading_is_caught_at_the_socket(host: str) -> None:
    """`OnlyTheFirst` reads no address at all, so these come as far as they can."""
    guard = OnlyTheFirst()
    with victim() as (listening, port):
        board = Switchboard(guard=guard)
        try:
            assert call(board, guard, f"http://{host}:{port}/") is not None
            assert not was_reached(listening)
        finally:
            board.close()


def test_what_was_looked_up_to_a_public_address_is_connected_to_there() -> None:
    """The tests' own network guard sees where the connection goes."""
    names = Names(("93.184.216.34",), ("127.0.0.1",))
    with going_wrong(answering(200)) as server, boards(names, GUARD) as board:
        door = Gateway("test", breaker=Ended(), board=board, guard=Guard(ports=frozenset({server.port})))
        with pytest.raises((NetworkIsOffError, OutsideError)):
            door.call("POST", f"https://public.example.org:{server.port}/", route="hook", limits=SHORT)
        assert server.calls == 0


def test_a_redirect_leads_nowhere() -> None:
    with going_wrong(answering(302, b"", Location="http://169.254.169.254/latest/")) as server:
        door = Gateway("test", breaker=Ended(), guard=DEVELOPMENT)
        with pytest.raises(Garbled) as caught:
            door.call("POST", server.url(), route="hook", limits=SHORT)
        assert (caught.value.code, server.calls) == ("http-302", 1)


def test_a_body_that_is_not_read_does_not_matter() -> None:
    with going_wrong(endless_body) as server:
        door = Gateway("test", breaker=Ended(), guard=DEVELOPMENT)
        answer = door.call("POST", server.url(), route="hook", limits=SHORT, reads=False)
        assert (answer.status, answer.body) == (200, b"")
    with going_wrong(answering(410, b"gone")) as server, pytest.raises(Refused) as caught:
        door.call("POST", server.url(), route="hook", limits=SHORT, reads=False)
    assert (caught.value.status, caught.value.body) == (410, b"")


def test_addresses_of_others_have_connections_of_their_own() -> None:
    assert switchboard() is switchboard()
    assert switchboard(DEVELOPMENT) is switchboard(DEVELOPMENT)
    assert switchboard() is not switchboard(DEVELOPMENT)
