"""A web or a worker process over a server's database, with the quick encoder: ``python -m tests.one_of_several web ADDRESS HOME PORT``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from db import open_store
from factcheck import worker
from factcheck.embed import FakeEncoder
from factcheck.settings import read_settings


def main(role: str, address: str, home: str, port: str) -> None:
    settings = read_settings({"CLAIMTRAIL_HOME": home, "CLAIMTRAIL_DATABASE": address, "PORT": port})
    store = open_store(settings.store, folder=Path(home))
    if role == "web":
        import waitress

        from app import create_app

        app = create_app(settings, store=store, encoder=FakeEncoder())
        server = waitress.create_server(app, host="127.0.0.1", port=settings.port, threads=4)
        print("ready", flush=True)
        server.run()
    take = store.articles.claim_next

    def told(*by: str) -> int | None:
        article_id = take(*by)
        if article_id is not None:
            print("took", article_id, flush=True)
        return article_id

    store.articles.claim_next = told  # type: ignore[method-assign]
    worker.IDLE = 0.05  # seconds: both look often enough that neither takes all
    worker.Worker(worker.Bench(store, FakeEncoder(), settings)).start()
    print("ready", flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
