"""The service asked by a real client: right answers under load, and one sentence for whatever is wrong."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("uvicorn")
pytest.importorskip("starlette")

from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.serve import application as service
from deepnet_tui.serve import connection
from deepnet_tui.serve.answers import answer
from deepnet_tui.serve.connection import TimedConnection
from tests.deepnet_tui.export import models
from tests.deepnet_tui.export.test_ensembles import ensemble
from tests.deepnet_tui.serve.client import ROW, ROWS, SMALL, Client, model_for, served


@pytest.fixture(scope="module")
def ask() -> Iterator[Client]:
    with served(model_for()) as client:
        yield client


def random_rows(seed: int, m: int) -> list[dict[str, Any]]:
    random = np.random.RandomState(seed)
    return [
        {
            "age": None if random.rand() < 0.1 else float(random.randn() * 10),
            "plan, name": str(random.choice(["basic", "плюс", "never seen"])),
            "card": bool(random.rand() < 0.5),
            "since": f"20{random.randint(10, 30)}-03-{random.randint(1, 28):02}",
        }
        for _ in range(m)
    ]


def test_many_clients_at_once_get_what_predict_says(ask: Client) -> None:
    """Bit for bit: clients meet in two threads, each with a predictor of its own."""
    model = model_for()

    def one(seed: int) -> None:
        rows = random_rows(seed, 1 + seed % 7)
        expected = model.predict(rows)
        forms: tuple[Any, ...] = (
            rows,
            {"rows": rows},
            {"columns": {name: [row[name] for row in rows] for name in ROW}},
        )
        reply = ask.predict(forms[seed % 3])
        assert reply.status == 200
        answers = reply.body["predictions"]
        assert expected.labels is not None
        assert [answer["label"] for answer in answers] == expected.labels.tolist()
        found = np.array([[answer["probabilities"][name] for name in model.classes] for answer in answers])
        assert expected.probabilities is not None
        assert np.array_equal(found, expected.probabilities)

    with ThreadPoolExecutor(24) as clients:
        assert not any(clients.map(one, range(120)))
    health = ask("GET", "/health").body
    assert health["requests"] >= 120
    assert health["in_progress"] == 0


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_numbers_and_two_classes(task: str) -> None:
    model = model_for(task)
    with served(model) as ask:
        answers = ask.predict([dict(ROW), dict(ROWS[1])]).body["predictions"]
        expected = model.predict(ROWS)
        if task == "regression":
            assert expected.values is not None
            assert [answer["prediction"] for answer in answers] == expected.values.tolist()
        else:
            assert expected.probabilities is not None
            assert [list(answer["probabilities"].values()) for answer in answers] == expected.probabilities.tolist()


def test_an_ensemble_with_pictures_and_every_kind_of_column() -> None:
    model = ensemble("multiclass")
    with served(model) as ask:
        for rows in (models.ROWS, models.ROWS[:1], models.ROWS):
            expected = model.predict(rows).probabilities
            assert expected is not None
            answers = ask.predict(json_ready(list(rows))).body["predictions"]
            assert [list(answer["probabilities"].values()) for answer in answers] == expected.tolist()
        refused = ask.predict([{**json_ready(models.ROWS[0]), "patch": [1, [2], 3]}])
        assert (refused.status, refused.body["error"]) == (
            400,
            "column 'patch' must have 2 x 3 numbers a row, in lists",
        )


def test_answers_do_not_wait_for_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer has two parts; the second would wait 40 ms for the client to acknowledge the first."""
    options: list[int] = []
    made = TimedConnection.connection_made

    def watched(self: TimedConnection, transport: Any) -> None:
        made(self, transport)
        taken = transport.get_extra_info("socket")
        options.append(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(TimedConnection, "connection_made", watched)
    with served(model_for()) as ask:
        assert ask("GET", "/health").status == 200
    assert options == [1]


def test_notes_on_unknown_words_and_gaps(ask: Client) -> None:
    assert ask.predict([ROW]).body["notes"] == []
    notes = ask.predict([ROW | {"age": None, "plan, name": "\ud800 <b>"}]).body["notes"]
    assert notes[0] == "1 missing value of 'age' was filled in"
    assert notes[1].startswith("1 word of 'plan, name' is unknown to the model: '\\ud800")


def row(**changed: Any) -> bytes:
    return json.dumps([ROW | changed]).encode()


HOSTILE: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "not JSON"),
    "a word": (b'"rows"', 400, "must be a list of rows"),
    "a half": (b'[{"age": 1', 400, "not JSON: line 1"),
    "no UTF-8": (b'["\xff"]', 400, "not text in UTF-8: see byte 3"),
    "UTF-16": ("[]".encode("utf-16"), 400, "UTF-8"),
    "two documents": (b"[] []", 400, "not JSON"),
    "code": (b"__import__('os').system('true')", 400, "not JSON"),
    "NaN": (row().replace(b"1.5", b"NaN"), 400, "NaN is no number in JSON"),
    "infinity": (row().replace(b"1.5", b"-Infinity"), 400, "no number in JSON"),
    "beyond floats": (row().replace(b"1.5", b"1e999"), 400, "row 1, column 'age': the number is too large"),
    "a whole number beyond floats": (row().replace(b"1.5", b"9" * 400), 400, "too large"),
    "many digits": (row().replace(b"1.5", b"9" * 9_000), 400, "too many digits"),
    "too large to square": (row(age=1e200), 400, "row 1: 1e+200 is not a number up to 1e+100"),
    "deep": (b"[" * 90_000, 400, "nested too deeply"),
    "deep in a cell": (row().replace(b"1.5", b"[" * 900 + b"]" * 900), 400, "column 'age'"),
    "an object in a cell": (row(age={"a": 1}), 400, "not an object"),
    "a list in a cell": (row(**{"plan, name": ["basic"]}), 400, "not a list"),
    "a word for a number": (row(age="old"), 400, "'old' is not a finite number"),
    "a truth for a number": (row(age=True), 400, "True is not a finite number"),
    "no date": (row(since="yesterday"), 400, "is not a date such as"),
    "a number for a date": (row(since=5), 400, "is not a date such as"),
    "no truth": (row(card="perhaps"), 400, "is not no or yes"),
    "a column less": (b'[{"age": 1}]', 400, "row 1 has no column 'plan, name'"),
    "rows that are lists": (b"[[1, 2]]", 400, "row 1 must be an object"),
    "no rows": (b'{"rows": []}', 400, "no rows"),
    "rows and columns": (b'{"rows": [], "columns": {}}', 400, "an object with 'rows', 'columns'"),
    "columns in a list": (b'{"columns": []}', 400, "columns must be an object"),
    "a column less by columns": (b'{"columns": {"age": [1]}}', 400, "no column 'plan, name'"),
    "other lengths": (
        json.dumps({"columns": {name: [ROW[name]] * (1 + (name == "card")) for name in ROW}}).encode(),
        400,
        "the same length: 'age' has 1 value, 'card' 2",
    ),
    "many rows": (b"[" + b",".join([b"0"] * 501) + b"]", 413, "at most 500"),
    "many bytes": (b" " * 100_001, 413, "at most 100,000 bytes"),
    "very many bytes": (b" " * 390_000, 413, "at most 100,000 bytes"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_wrong_is_refused_in_one_sentence(ask: Client, case: str) -> None:
    body, status, said = HOSTILE[case]
    reply = ask.predict(body)
    assert (reply.status, list(reply.body)) == (status, ["error"])
    assert said in reply.body["error"]
    assert "\n" not in reply.body["error"]
    assert ask.predict([ROW]).status == 200


def test_paths_methods_kinds_and_hosts(ask: Client) -> None:
    assert ask("GET", "/nowhere").status == 404
    assert ask("GET", "/predict").headers["allow"] == "POST"
    for reply, status, said in (
        (ask("GET", "/predict"), 405, "POST /predict"),
        (ask("OPTIONS", "/predict"), 405, "'OPTIONS' is not for '/predict'"),
        (ask("POST", "/predict", row(), kind=""), 415, "application/json"),
        (ask("POST", "/predict", row(), kind="text/plain"), 415, "'text/plain'"),
        (ask("POST", "/predict", row(), kind="application/json; charset=latin-1"), 415, "UTF-8"),
        (ask("POST", "/predict", row(), Content_Encoding="gzip"), 415, "compressed"),
        (ask("GET", "/health", Host="evil.example"), 400, "no local name"),
    ):
        assert reply.status == status
        assert said in reply.body["error"]
    assert ask("POST", "/predict", row(), kind="Application/JSON; charset=UTF-8").status == 200
    assert ask("GET", "/health", Host="localhost:1").status == 200


def test_what_is_no_http_is_refused_and_half_a_request_is_cut(ask: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with ask.send(b"\x16\x03\x01 what is this\r\n\r\n") as raw:
        assert b'{"error":"this is no HTTP request' in raw.makefile("rb").read()
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)
    with ask.send(b"GET /health HTTP/1.1\r\nHost: loc") as raw:
        assert raw.recv(100) == b""
    with ask.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n") as raw:
        found = b""
        while b"}" not in found:
            found += raw.recv(1000)
        raw.sendall(b"GET /hea")
        assert raw.recv(100) == b""


def test_the_description_fits_the_answers(ask: Client) -> None:
    found = ask("GET", "/openapi.json").body
    schemas = found["components"]["schemas"]
    text = json.dumps(found)
    for place in text.split('"$ref": "')[1:]:
        assert place.partition('"')[0].removeprefix("#/components/schemas/") in schemas
    assert schemas["Row"]["required"] == list(ROW)
    assert schemas["Row"]["properties"]["plan, name"]["examples"] == ["basic", "плюс"]
    example = found["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = ask.predict(example)
    assert answer.status == 200
    assert set(answer.body) == set(schemas["Answer"]["required"])
    assert set(answer.body["predictions"][0]) == set(schemas["Prediction"]["required"])
    assert answer.body["predictions"][0]["label"] in schemas["Prediction"]["properties"]["label"]["enum"]


def test_too_many_requests_and_slow_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Semaphore(0), threading.Event()

    def slowly(*arguments: Any) -> Any:
        started.release()
        go_on.wait(30)
        return answer(*arguments)

    monkeypatch.setattr(service, "answer", slowly)
    limits = replace(SMALL, requests=2, threads=1, seconds=0.3)
    with served(model_for(), limits) as ask, ThreadPoolExecutor(2) as clients:
        waiting = [clients.submit(ask.predict, [ROW]) for _ in range(2)]
        started.acquire()
        assert [each.result().status for each in waiting] == [503, 503]
        assert ask("GET", "/health").body["in_progress"] == 1  # a thread can't be stopped, what waits for it can
        second = ask.predict([ROW])
        assert (second.status, second.headers["retry-after"]) == (503, "1")
        with ask.send(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n["
        ) as raw:
            full = ask.predict([ROW])
            assert (full.status, full.headers["retry-after"]) == (429, "1")
            assert "2 requests are in progress" in full.body["error"]
            assert b" 408 " in raw.makefile("rb").readline()
        go_on.set()
        assert ask.predict([ROW]).status == 200


def test_a_failure_of_ours_is_said_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(service, "answer", fails)
    with served(model_for()) as ask:
        reply = ask.predict([ROW])
    assert reply.status == 500
    assert "secret" not in str(reply.body)
