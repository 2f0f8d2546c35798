"""Encodings that documents on the web name: only those that turn bytes into letters, in time that grows with their number.

Python knows codecs besides that are no encodings of pages ("idna", "punycode", "unicode_escape"): some raise errors nobody expects, some
take time with the square of the length. A server or a file that names one of them is treated as if it had named none.
"""

from __future__ import annotations

import codecs
import re

# As the Encoding Standard (https://encoding.spec.whatwg.org/) lists them, by the names of Python's codecs, and UTF-32 and ASCII besides.
_KNOWN = re.compile(
    r"utf-8(-sig)?|utf-(16|32)(-[bl]e)?|ascii|iso8859-\d{1,2}|cp(1250|1251|1252|1253|1254|1255|1256|1257|1258|437|850|866|874|932|949|936)|koi8-[ru]"
    r"|mac-(roman|cyrillic)|gb2312|gbk|gb18030|big5(hkscs)?|euc_(jp|kr)|shift_jis|iso2022_jp|tis-620"
)


def known(name: str) -> str:
    """The name of Python's codec for an encoding of the web; "" for any other name."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,39}", name.strip()):
        return ""
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return ""
    return found if _KNOWN.fullmatch(found) else ""
