"""Mails over a real SMTP server: what arrives, what cannot be smuggled in, what is told when it is not taken."""

from __future__ import annotations

import socket
import threading

import pytest
from receivers import MailServer

from factcheck import mailing
from factcheck.errors import BadSettings, MailFailed
from factcheck.mailing import Mail
from factcheck.settings import read_settings

SENDER = "desk@example.org"


def mail(**changes) -> Mail:
    given = {
        "to": "anna@example.org",
        "subject": "Bewertung geändert: „Brücke“",
        "text": "Die Brücke ist fertig.\n.\nZeile nach dem Punkt\n",
        "html": "<p>Die Brücke ist fertig.</p>",
        "message_id": "abc123",
        "language": "de",
        "unsubscribe": "https://claims.example.org/alerts/stop/1-x",
    }
    return Mail(**given | changes)


@pytest.fixture
def server():
    server = MailServer()
    server.url = server.start()
    yield server
    server.stop()


def test_a_mail_arrives_as_it_was_written(server):
    assert mailing.send(server.url, SENDER, mail()) == "127.0.0.1 took it"
    (came,) = server.mails
    assert server.envelopes == [(SENDER, ["anna@example.org"])]
    assert (came["From"], came["To"]) == ("Claimtrail <desk@example.org>", "anna@example.org")
    assert came["Subject"] == "Bewertung geändert: „Brücke“"
    assert came["Message-ID"] == "<abc123@example.org>"
    assert came["List-Unsubscribe"] == "<https://claims.example.org/alerts/stop/1-x>"
    assert came["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert came["Auto-Submitted"] == "auto-generated" and came["Content-Language"] == "de"
    plain, rich = came.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == "Die Brücke ist fertig.\n.\nZeile nach dem Punkt\n"
    assert "<p>Die Brücke ist fertig.</p>" in rich.get_content() and rich.get_content_type() == "text/html"


@pytest.mark.parametrize("nasty", ["News\r\nBcc: all@example.org", "News\nBcc: all@example.org\n\nbody", "a\x00b\x1bc\u2028Bcc: x", "x" * 5000])
def test_a_subject_cannot_bring_in_a_header(server, nasty):
    mailing.send(server.url, SENDER, mail(subject=nasty))
    (came,) = server.mails
    assert came["Bcc"] is None and server.envelopes[0][1] == ["anna@example.org"]
    assert "\n" not in came["Subject"] and len(came["Subject"]) <= mailing.LONGEST_SUBJECT


@pytest.mark.parametrize(
    "address",
    [
        "", "anna", "anna@", "@example.org", "anna@example.org\r\nBcc: b@example.org", "anna@example.org, b@example.org",
        "anna@example.org b@example.org", "Anna <anna@example.org>", "anna@exa mple.org", "anna@example.org\x00", "a" * 65 + "@example.org",
    ],
)  # fmt: skip
def test_what_is_not_one_address_gets_no_mail(server, address):
    assert not mailing.is_address(address)
    with pytest.raises(MailFailed) as failed:
        mailing.send(server.url, SENDER, mail(to=address))
    assert failed.value.final and server.mails == []


@pytest.mark.parametrize("field", ["unsubscribe", "message_id", "language"])
def test_no_other_field_can_bring_in_a_header_either(server, field):
    with pytest.raises(MailFailed) as failed:
        mailing.send(server.url, SENDER, mail(**{field: "x>\r\nBcc: all@example.org"}))
    assert failed.value.final and server.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_the_user_and_password_of_the_setting_sign_in():
    server = MailServer(user="desk", password="p@ss:word/1")
    server.start()
    try:
        good = f"smtp://desk:p%40ss%3Aword%2F1@127.0.0.1:{server.port}"
        mailing.send(good, SENDER, mail())
        assert server.sign_ins == 1 and len(server.mails) == 1
        with pytest.raises(MailFailed) as failed:
            mailing.send(f"smtp://desk:wrong@127.0.0.1:{server.port}", SENDER, mail())
        assert failed.value.key == "mail_refused_user" and not failed.value.final
        with pytest.raises(MailFailed) as failed:
            mailing.send(f"smtp://desk:p%C3%B6ss@127.0.0.1:{server.port}", SENDER, mail())
        assert failed.value.key == "mail_refused_user"
        with pytest.raises(MailFailed):  # the server takes nothing from strangers
            mailing.send(f"smtp://127.0.0.1:{server.port}", SENDER, mail())
        assert len(server.mails) == 1
    finally:
        server.stop()


def test_a_password_is_not_sent_in_the_open(server, monkeypatch):
    monkeypatch.setattr(mailing, "ON_THIS_MACHINE", ())
    with pytest.raises(MailFailed) as failed:
        mailing.send(server.url.replace("//", "//desk:secret@"), SENDER, mail())
    assert failed.value.key == "mail_no_tls" and "secret" not in str(failed.value)
    assert (server.mails, server.sign_ins) == ([], 0)


def test_a_refused_address_is_final_and_a_busy_server_is_not(server):
    server.refused.add("anna@example.org")
    with pytest.raises(MailFailed) as failed:
        mailing.send(server.url, SENDER, mail())
    assert (failed.value.key, failed.value.final) == ("mail_refused_address", True)
    server.refused.clear()
    server.answers.append("451 try later")
    with pytest.raises(MailFailed) as failed:
        mailing.send(server.url, SENDER, mail())
    assert (failed.value.key, failed.value.final) == ("mail_refused", False)
    mailing.send(server.url, SENDER, mail())
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_or_says_nothing_is_told():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(MailFailed) as failed:
        mailing.send(f"smtp://127.0.0.1:{port}", SENDER, mail())
    assert (failed.value.key, failed.value.final) == ("mail_no_answer", False)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(MailFailed) as failed:
            mailing.send(f"smtp://127.0.0.1:{silent.getsockname()[1]}", SENDER, mail(), timeout=0.3)
    assert failed.value.key == "mail_no_answer"


def test_implicit_tls_is_spoken_and_a_server_without_it_is_told():
    with socket.create_server(("127.0.0.1", 0)) as plain:
        first: list[bytes] = []

        def greet() -> None:
            with plain.accept()[0] as talk:
                first.append(talk.recv(3))
                talk.sendall(b"220 plain text\r\n")

        talking = threading.Thread(target=greet, daemon=True)
        talking.start()
        with pytest.raises(MailFailed) as failed:
            mailing.send(f"smtps://127.0.0.1:{plain.getsockname()[1]}", SENDER, mail(), timeout=5)
        talking.join(5)
    assert failed.value.key == "mail_tls" and first[0][:1] == b"\x16"  # a TLS handshake, before anything else


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"CLAIMTRAIL_SMTP_URL": "http://mail.example.org", "CLAIMTRAIL_MAIL_FROM": SENDER}, "CLAIMTRAIL_SMTP_URL"),
        ({"CLAIMTRAIL_SMTP_URL": "smtp://", "CLAIMTRAIL_MAIL_FROM": SENDER}, "CLAIMTRAIL_SMTP_URL"),
        ({"CLAIMTRAIL_SMTP_URL": "smtp://u:hidden@h:port", "CLAIMTRAIL_MAIL_FROM": SENDER}, "CLAIMTRAIL_SMTP_URL"),
        ({"CLAIMTRAIL_SMTP_URL": "smtp://mail.example.org"}, "CLAIMTRAIL_MAIL_FROM"),
        ({"CLAIMTRAIL_SMTP_URL": "smtp://mail.example.org", "CLAIMTRAIL_MAIL_FROM": "Desk <desk@example.org>"}, "CLAIMTRAIL_MAIL_FROM"),
        ({"CLAIMTRAIL_BASE_URL": "claims.example.org"}, "CLAIMTRAIL_BASE_URL"),
        ({"CLAIMTRAIL_OUTGOING_ALLOW": "10.0.0.0/33"}, "CLAIMTRAIL_OUTGOING_ALLOW"),
        ({"CLAIMTRAIL_OUTGOING_ALLOW": "http:chat@lan"}, "CLAIMTRAIL_OUTGOING_ALLOW"),
    ],
)
def test_settings_that_cannot_be_used_are_named_without_their_secrets(given, named):
    with pytest.raises(BadSettings) as bad:
        read_settings(given)
    assert named in str(bad.value) and "hidden" not in str(bad.value)


def test_settings_are_read_and_keep_the_password_to_themselves():
    settings = read_settings(
        {
            "CLAIMTRAIL_SMTP_URL": "smtps://u:hidden@mail.example.org:465",
            "CLAIMTRAIL_MAIL_FROM": SENDER,
            "CLAIMTRAIL_BASE_URL": "https://claims.example.org/",
            "CLAIMTRAIL_OUTGOING_ALLOW": "Chat.example.lan, 10.1.2.0/24",
        }
    )
    assert settings.sends_mail and settings.address == "https://claims.example.org"
    assert settings.outgoing_allow == ("chat.example.lan", "10.1.2.0/24")
    assert "hidden" not in repr(settings)
    assert not read_settings({}).sends_mail and read_settings({}).address == "http://127.0.0.1:8000"
