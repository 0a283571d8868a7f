"""Webhooks and mail, against a real HTTP server and a real SMTP server."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from contracts.alert import Alert
from contracts.codec import decode
from runtime.memory_bus import MemoryBroker
from tests.unit.explainer.anomalies import anomaly
from tests.unit.explainer.pipeline import Pipeline
from tocsin.broker.local_broker import free_port
from tocsin.doctor import outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # in Apprise's own imports
SECRET = "s3cr3t-w0rd"  # noqa: S105 - planted, to be looked for
PATIENCE_S = 30.0


class Listener:
    """An HTTP server that keeps what it is sent, and answers with the statuses it is told, then 200."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], Any]] = []
        self.answers: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.gate.wait(PATIENCE_S)
                listener.heard.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[Listener]:
        """Serve for the time of a block."""
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.gate.set()
            self.server.shutdown()
            self.server.server_close()
            thread.join()


class Mailbox:
    """An SMTP handler that keeps the mails it is handed."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A running HTTP server."""
    with Listener().running() as running:
        yield running


@contextmanager
def explainer(folder: Path, outputs: str, **settings: Any) -> Iterator[Pipeline]:
    """Run an explainer with a file of outputs."""
    file = folder / "outputs.toml"
    file.write_text(outputs, encoding="utf-8")
    pipeline = Pipeline(folder, MemoryBroker(), outputs_file=file, **settings)
    try:
        yield pipeline
    finally:
        pipeline.service.stop()


def until(pipeline: Pipeline, condition: Callable[[], bool]) -> None:
    """Turn the explainer's loop until something is so."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        pipeline.step(1)


def owed(pipeline: Pipeline) -> int:
    """Count the notifications that are owed."""
    with pipeline.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM notifications").scalar_one())


def hurry(pipeline: Pipeline) -> None:
    """Make every notification due now."""
    change(pipeline, "UPDATE notifications SET next_at = '2000-01-01T00:00:00.000000Z'")


def change(pipeline: Pipeline, statement: str) -> None:
    """Change the database behind the explainer's back."""
    from storage.database import open_engine, writing  # noqa: PLC0415 - a test alone turns the clock

    engine = open_engine(pipeline.settings.database_url)
    with writing(engine).begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_each_webhook_gets_its_own_format(listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON carries the alert, Slack escaped text, ntfy topic, priority and tags; secrets go into headers alone."""
    monkeypatch.setenv("NTFY_URL", listener.url.replace("://", f"://kim:{SECRET}@") + "/base/site-1")
    (tmp_path / "token").write_text(SECRET)
    (tmp_path / "token").chmod(0o600)
    outputs = f"""
        [[output]]
        name = "own"
        kind = "json"
        url = "{listener.url}/own"
        token_file = "{tmp_path}/token"
        [[output]]
        name = "chat"
        kind = "slack"
        url = "{listener.url}/chat"
        [[output]]
        name = "phone"
        kind = "ntfy"
        url_env = "NTFY_URL"
    """
    with explainer(tmp_path, outputs) as pipeline:
        pipeline.send(anomaly(device="<b>&boiler"))
        until(pipeline, lambda: len(listener.heard) == 3 and owed(pipeline) == 0)
        (published,) = pipeline.alerts()
    said = {path: (headers, body) for path, headers, body in listener.heard}
    headers, own = said["/own"]
    assert decode(json.dumps(own["alert"]).encode(), Alert) == published
    assert (own["news"], own["severity"]) == ("opened", "major")
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert "&lt;b&gt;&amp;boiler" in said["/chat"][1]["text"]
    headers, note = said["/base/"]
    assert (note["topic"], note["priority"]) == ("site-1", 4)
    assert headers["Authorization"].startswith("Basic ")
    assert SECRET not in json.dumps([own, said["/chat"][1], note])


def test_mail_is_sent_by_smtp(tmp_path: Path) -> None:
    """An alert comes as a mail with its label as subject and the bell's lines as text."""
    mailbox = Mailbox()
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    address = f"mailto://127.0.0.1:{port}/?from=tocsin@example.org&to=ops@example.org&mode=insecure"
    try:
        outputs = f'[[output]]\nname = "mail"\nkind = "apprise"\nurl = "{address}"\n'
        with explainer(tmp_path, outputs) as pipeline:
            pipeline.send(anomaly())
            until(pipeline, lambda: bool(mailbox.mails) and owed(pipeline) == 0)
    finally:
        server.stop()
    (mail,) = mailbox.mails
    assert "temperature has shifted up" in mail["Subject"]
    assert "Why:" in mail.get_body(("plain", "html")).get_content()


def test_an_output_that_hangs_holds_up_nothing(listener: Listener, tmp_path: Path) -> None:
    """While one output does not answer, alerts are stored and published, and another output hears of them."""
    with Listener().running() as other:
        listener.gate.clear()
        outputs = "".join(
            f'[[output]]\nname = "{name}"\nkind = "json"\nurl = "{url}/"\n'
            for name, url in (("stuck", listener.url), ("fine", other.url))
        )
        with explainer(tmp_path, outputs) as pipeline:
            pipeline.send(anomaly())
            until(pipeline, lambda: len(other.heard) == 1)
            assert (len(pipeline.alerts()), listener.heard) == (1, [])
            listener.gate.set()
            until(pipeline, lambda: len(listener.heard) == 1 and owed(pipeline) == 0)


def test_what_is_owed_survives_a_restart_and_a_refusal(listener: Listener, tmp_path: Path) -> None:
    """A notification that failed is sent again by the next explainer; one that is refused for good is given up."""
    listener.answers = [503]
    outputs = f'[[output]]\nname = "own"\nkind = "json"\nurl = "{listener.url}/"\n'
    with explainer(tmp_path, outputs) as pipeline:
        pipeline.send(anomaly())
        until(pipeline, lambda: _attempts(pipeline) == 1)
        pipeline.bus.kill()
        pipeline.service.stop()
        hurry(pipeline)
        pipeline.begin()
        until(pipeline, lambda: len(listener.heard) == 2 and owed(pipeline) == 0)
        listener.answers = [404]
        pipeline.send(anomaly(incident="two"))
        until(pipeline, lambda: len(listener.heard) == 3 and owed(pipeline) == 0)


def test_a_redirection_is_not_followed(listener: Listener, tmp_path: Path) -> None:
    """A secret must not go to another address: a redirection is a refusal."""
    listener.answers = [302]
    outputs = f'[[output]]\nname = "own"\nkind = "json"\nurl = "{listener.url}/"\n'
    with explainer(tmp_path, outputs) as pipeline:
        pipeline.send(anomaly())
        until(pipeline, lambda: len(listener.heard) == 1 and owed(pipeline) == 0)


def test_secrets_are_in_no_log_and_no_database(
    listener: Listener, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a failing webhook nor a failing mail writes its password anywhere."""
    listener.answers = [500] * 9
    webhook = listener.url.replace("://", f"://kim:{SECRET}@")
    outputs = f"""
        [[output]]
        name = "own"
        kind = "json"
        url = "{webhook}/{SECRET}"
        [[output]]
        name = "mail"
        kind = "apprise"
        url = "mailto://kim:{SECRET}@127.0.0.1:1/?from=a@example.org&to=b@example.org&mode=insecure"
    """
    with explainer(tmp_path, outputs) as pipeline:
        pipeline.send(anomaly())
        until(pipeline, lambda: _attempts(pipeline) == 2)
    shown = capfd.readouterr()
    assert SECRET not in shown.out + shown.err + caplog.text
    assert SECRET.encode() not in (tmp_path / "alerts.db").read_bytes()


def test_a_flood_becomes_a_summary(listener: Listener, tmp_path: Path) -> None:
    """With one message an hour, the first alert is told alone and the others, when it may speak again, in one."""
    outputs = f'[[output]]\nname = "own"\nkind = "json"\nurl = "{listener.url}/"\nper_hour = 1\n'
    with explainer(tmp_path, outputs) as pipeline:
        pipeline.send(anomaly(incident="0"))
        until(pipeline, lambda: len(listener.heard) == 1 and owed(pipeline) == 0)
        pipeline.send(*(anomaly(incident=str(i), severity="critical" if i == 7 else "minor") for i in range(1, 30)))
        until(pipeline, lambda: owed(pipeline) == 29)
        pipeline.begin()
        pipeline.step(20)
        assert len(listener.heard) == 1  # a restart does not let it speak again
        change(pipeline, "UPDATE tellings SET told_at = '2000-01-01T00:00:00.000000Z'")
        pipeline.begin()
        until(pipeline, lambda: len(listener.heard) == 2 and owed(pipeline) == 0)
    body = listener.heard[1][2]
    assert (body["count"], body["severity"], body["news"]) == (29, "critical", "summary")
    assert "[critical]" in body["text"].splitlines()[0]
    assert body["text"].splitlines()[-1] == "and 9 more"


def _attempts(pipeline: Pipeline) -> int:
    with pipeline.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT coalesce(sum(attempts), 0) FROM notifications").scalar_one())


@pytest.mark.parametrize("send", [False, True])
def test_doctor_tries_outputs(listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, send: bool) -> None:  # noqa: FBT001
    """Hosts are only reached; with `--send` each is sent a test message. No address is shown."""
    file = tmp_path / "outputs.toml"
    texts = [
        f'[[output]]\nname = "{name}"\nkind = "{kind}"\nurl = "{url}"\n'
        for name, kind, url in (
            ("there", "json", f"{listener.url}/{SECRET}"),
            ("away", "slack", f"http://127.0.0.1:{free_port()}/{SECRET}"),
            ("odd", "apprise", f"nonsense://{SECRET}"),
        )
    ]
    file.write_text("\n".join(texts))
    monkeypatch.setenv("TOCSIN_OUTPUTS_FILE", str(file))
    found = {finding.name: finding for finding in outputs.findings(send=send)}
    assert {name: finding.outcome for name, finding in found.items()} == {
        "output there": "good",
        "output away": "bad",
        "output odd": "bad",
    }
    assert not any(SECRET in f"{finding.seen} {finding.remedy}" for finding in found.values())
    assert [body["news"] for _path, _headers, body in listener.heard] == (["test"] if send else [])


def test_doctor_says_that_no_output_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file of outputs there is nothing to try, and nothing is wrong."""
    monkeypatch.delenv("TOCSIN_OUTPUTS_FILE", raising=False)
    assert [finding.outcome for finding in outputs.findings()] == ["skipped"]
