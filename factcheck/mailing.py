"""Mail over SMTP: one message at a time, over TLS wherever the server has it. Only the operator's own server is ever spoken to.

A header cannot be broken out of: control characters are taken out of subjects, addresses are checked, and the standard library's
policy refuses a line break in any header as a last guard.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from factcheck.errors import MailFailed
from factcheck.settings import MAIL_ADDRESS

TIMEOUT = 10.0  # seconds for each answer of the server
LONGEST_SUBJECT = 150  # characters
ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Mail:
    """``message_id`` is the same at every try, so that a second copy can be told as one; ``unsubscribe`` is an address that ends all
    mail with one POST (RFC 8058)."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    language: str = "en"
    unsubscribe: str = ""


def is_address(text: str) -> bool:
    """True for one mail address and nothing beside it."""
    return re.fullmatch(MAIL_ADDRESS, text) is not None and text.isprintable()


def send(smtp_url: str, sender: str, mail: Mail, *, timeout: float = TIMEOUT, context: Callable[[], ssl.SSLContext] | None = None) -> str:
    """Hand a mail to the server; what it answered. Raises MailFailed, ``final`` when trying again is no use."""
    parts = urlsplit(smtp_url)
    host, secure = parts.hostname or "", parts.scheme == "smtps"
    message = _message(sender, mail)
    tls = context or ssl.create_default_context
    try:
        if secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=timeout, context=tls())
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=timeout)
        with server:
            server.ehlo_or_helo_if_needed()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=tls())
                server.ehlo()
                secure = True
            if parts.username:
                if not secure and host not in ON_THIS_MACHINE:
                    raise MailFailed("The mail server offers no TLS, so the password was not sent to it.", key="mail_no_tls")
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
            return f"{host} took it"
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise MailFailed(f"The mail server refused the address ({code}).", key="mail_refused_address", final=code >= 500, code=code) from error
    except smtplib.SMTPAuthenticationError as error:
        raise MailFailed("The mail server refused the user or password.", key="mail_refused_user") from error
    except smtplib.SMTPResponseException as error:
        raise MailFailed(f"The mail server refused the mail ({error.smtp_code}).", key="mail_refused", code=error.smtp_code) from error
    except ssl.SSLError as error:
        raise MailFailed("The mail server's certificate or TLS is not valid.", key="mail_tls") from error
    except UnicodeError as error:
        raise MailFailed("A user or password for the mail server holds plain letters, digits and signs only.", key="mail_refused_user") from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailFailed("The mail server did not answer.", key="mail_no_answer") from error


def _message(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    try:
        for name, address in (("From", sender), ("To", mail.to)):
            if not is_address(address):
                raise MailFailed("This is no mail address.", key="mail_address", final=True)
            message[name] = Address("Claimtrail" if name == "From" else "", addr_spec=address)
        message["Subject"] = one_line(mail.subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{mail.message_id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # no holiday replies (RFC 3834)
        if mail.unsubscribe:
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        message["Content-Language"] = mail.language  # last: what begins with Content- goes to the first part
    except (ValueError, HeaderParseError, UnicodeError) as error:
        raise MailFailed("This mail cannot be written.", key="mail_address", final=True) from error
    return message


def one_line(text: str) -> str:
    """A text as it may stand in a header: without line breaks and other control characters, not too long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= LONGEST_SUBJECT else plain[: LONGEST_SUBJECT - 1].rstrip() + "…"
