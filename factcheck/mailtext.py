"""The text of a mail about notices: plain and as simple HTML, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from factcheck.telling import Told
from factcheck.wording import Words

SHOWN = 40  # notices in a mail; the page has the rest
QUOTED = 400  # characters of what was said


def compose(told: Sequence[Told], name: str, address: str, stop: str, words: Words) -> tuple[str, str, str]:
    """(subject, text, HTML) of a mail to ``name``; links begin with ``address``, ``stop`` ends all mail."""
    n, shown, more = len(told), told[:SHOWN], len(told) - SHOWN
    first = told[0]
    subject = words("mail.subject", n=n, first=f"{first.headline} – {_quoted(first, 80)}")
    change = f"{address}/alerts/saved"
    hello, intro = words("mail.hello", name=name), words("mail.intro", n=n)
    lines = [hello, "", intro]
    items = []
    for t in shown:
        when = words.moment(t.at)
        facts = " · ".join(part for part in (t.speaker, when) if part)
        why = t.because or (words("mail.from_alert", name=t.alert_name) if t.alert_name not in ("", t.text) else "")
        link = address + t.path
        lines += ["", t.headline, f"  {_quoted(t)}", f"  {facts}", *([f"  {why}"] if why else []), f"  {link}"]
        items.append(
            Markup(
                '<li style="margin:0 0 1.4em"><b>{}</b><br><a href="{}" lang="{}" style="font:1.1em Georgia,serif;color:#2444b8">{}</a><br>'
                '<span style="color:#555">{}{}</span></li>'
            ).format(t.headline, link, t.language or words.language, _quoted(t), facts, Markup("<br>") + why if why else "")
        )
    rest = words("mail.more", n=more, address=f"{address}/alerts") if more > 0 else ""
    lines += ["", *([rest, ""] if rest else []), "-- ", words("mail.change", address=change), words("mail.stop", address=stop)]
    html = Markup(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title>'
        '<body style="font:16px/1.5 system-ui,sans-serif;max-width:40em"><p>{}</p><p>{}</p>'
        '<ul style="list-style:none;padding:0">{}</ul>{}<p style="color:#555;font-size:14px"><a href="{}">{}</a> · <a href="{}">{}</a></p></body></html>'
    ).format(
        words.language, subject, hello, intro, Markup("").join(items), Markup("<p>{}</p>").format(rest) if rest else "",
        change, words("mail.change_link"), stop, words("mail.stop_link"),
    )  # fmt: skip
    return subject, "\n".join(lines) + "\n", str(html)


def _quoted(t: Told, most: int = QUOTED) -> str:
    """What was said in quotation marks of its language, none around a paraphrase."""
    text = " ".join(t.text.split()).strip('„“”"»«')
    text = text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
    if t.is_paraphrase:
        return text
    return f"„{text}“" if t.language == "de" else f"“{text}”"
