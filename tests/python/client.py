"""A program of somebody's, in Python, with the client that openapi-python-client makes of the contract.

    client.py ADDRESS PARCOURS SECRET < openapi.json

Prints what it was answered, as JSON.
"""

import json
import pathlib
import sys
import tempfile

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

ADDRESS, PARCOURS, SECRET = sys.argv[1:]


def make_client(work):
    """Makes the client; whatever the generator could not make anything of is printed, and fails the test."""
    document = work / "openapi.json"
    document.write_bytes(sys.stdin.buffer.read())
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, document, "utf-8", False, work / "parcours_client"
    )
    # A stream of lines is no type of body that this generator knows.
    errors = [error for error in generate(config=config) if error.detail != "Unsupported content type application/x-ndjson"]
    if errors:
        sys.exit(f"the generator complains: {errors}")
    sys.path.insert(0, str(work))


def call():
    from parcours_client import AuthenticatedClient, Client, models
    from parcours_client.api.catalogue import get_catalogue
    from parcours_client.api.events import post_events
    from parcours_client.api.outcomes import get_outcomes
    from parcours_client.api.parcours import get_parcours, get_parcours_events
    from parcours_client.api.territories import get_territory

    client = Client(base_url=ADDRESS)
    envelope = {"specversion": "1.0", "source": "urn:siret:19290076900014", "subject": f"parcours/{PARCOURS}"}
    oriented = models.ParcoursOrientedV1.from_dict(
        envelope | {
            "id": f"{PARCOURS}.1",
            "type": "parcours.oriented.v1",
            "time": "2024-09-02T12:00:00+02:00",
            "data": {
                "trainee": "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
                "channel": "direct",
                "commune": "76540",
                "situation": "without_job",
                "needs": ["skills"],
                "level": 3,
            },
        }
    )
    assert oriented.data.channel is models.Channel.DIRECT
    eligible = models.ParcoursEligibilityCheckedV1(
        specversion="1.0",
        id=f"{PARCOURS}.2",
        source=oriented.source,
        type_="parcours.eligibility.checked.v1",
        subject=oriented.subject,
        time=oriented.time,
        data=models.EligibilityChecked(eligible=True, reasons=["looking for work"]),
    )
    first = post_events.sync_detailed(client=client, body=oriented)
    again = post_events.sync_detailed(client=client, body=oriented)
    results = post_events.sync(client=client, body=[oriented, eligible])
    oriented.data.commune = "00000"
    refused = post_events.sync_detailed(client=client, body=oriented)
    timeline = get_parcours.sync(PARCOURS, client=client, min_position=results[1].position)
    history = get_parcours_events.sync(PARCOURS, client=client)
    missing = get_parcours.sync("00000000-0000-0000-0000-000000000001", client=client)
    catalogue = get_catalogue.sync(client=client, territory="departement/76", limit=1)
    by_month = models.Breakdown.MONTH
    days = {"from_": date("2024-01-01"), "to": date("2024-12-31")}
    figures = get_territory.sync(models.TerritoryLevel.REGION, "28", client=client, by=by_month, **days)
    partner = AuthenticatedClient(base_url=ADDRESS, token=SECRET)
    outcomes = get_outcomes.sync(client=partner, kind="exit")
    return {
        "first": [first.status_code, first.parsed.status],
        "again": [again.status_code, again.parsed.status],
        "list": [result.status for result in results],
        "refused": [refused.status_code, refused.parsed.field],
        "status": timeline.status,
        "steps": [step.type_ for step in timeline.steps],
        "history": [event.revision for event in history.events],
        "missing": missing.code,
        "left": catalogue.sessions[0].places.left,
        "months": len(figures.groups),
        "entries": figures.figures.entries,
        "reasons": [message.data.reason for message in outcomes.outcomes if isinstance(message, models.OutcomeExitV1)],
    }


def date(text):
    import datetime

    return datetime.date.fromisoformat(text)


with tempfile.TemporaryDirectory() as folder:
    make_client(pathlib.Path(folder))
    print(json.dumps(call()))
