"""Work in the background: what is under way, what is done."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from factcheck.web import services

blueprint = Blueprint("jobs", __name__)

ON_A_PAGE = 30


@blueprint.get("/jobs")
def listing():
    found = services().store.jobs.listing(ON_A_PAGE + 1, request.args.get("before", type=int))
    return render_template(
        "pages/jobs.html",
        jobs=found[:ON_A_PAGE],
        more=len(found) > ON_A_PAGE,
        under_way=any(job.is_open for job in found[:ON_A_PAGE]),
    )
