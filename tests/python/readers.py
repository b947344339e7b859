"""Follows outcomes with the readers of server-sent events that partners use in Python.

    readers.py ADDRESS SECRET COUNT

Prints of each reader what its first COUNT events were, as JSON: [id, data], one reader a line. What is no message of the
service is printed as it is.
"""

import json
import sys

import httpx
import httpx_sse
import sseclient

ADDRESS, SECRET, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
URL = f"{ADDRESS}/v1/outcomes"
HEADERS = {"authorization": f"Bearer {SECRET}", "accept": "text/event-stream"}


def first(events):
    told = []
    for event in events:
        told.append([event.id, event.data])
        if len(told) == COUNT:
            return told


with httpx.Client(headers=HEADERS, timeout=30) as client:
    with httpx_sse.connect_sse(client, "GET", URL) as source:
        print(json.dumps(first(source.iter_sse())))
    with client.stream("GET", URL) as response:
        print(json.dumps(first(sseclient.SSEClient(response.iter_bytes()).events())))
