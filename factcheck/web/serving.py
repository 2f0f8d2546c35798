"""How much the web server takes from anybody, before any of the program sees it: headers and bodies without end, and senders without haste.

A request is handed to a thread only when all of it is there, so that who sends a byte now and then keeps nobody else waiting.
"""

from __future__ import annotations

LIMITS = {
    "max_request_header_size": 64 * 1024,  # bytes
    "max_request_body_size": 32 * 1024 * 1024,  # bytes; a file above what the application takes (12 MB) still gets its page that says so
    "connection_limit": 500,  # at once, well below the files a process may have open; a browser keeps some six
    "channel_timeout": 60,  # seconds in which nothing comes
    "inbuf_overflow": 512 * 1024,  # bytes of a body kept in memory; the rest waits on disk
    "clear_untrusted_proxy_headers": False,  # who may say where a request comes from is judged in proxies.py: taken away here, nobody could
}
