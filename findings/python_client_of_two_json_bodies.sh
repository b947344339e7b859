#!/usr/bin/env bash
# openapi-python-client 0.29.1: where an operation takes two kinds of JSON, one of them a list, no call of it works.
#
# The contract is the usual one of CloudEvents over HTTP: one object, or a batch as an array, each with a media type of its
# own. A client is made of it without a warning (`--fail-on-warning`). Then every call raises a TypeError, the call with one
# object too: the body is matched by `isinstance(body, list[Event])`, which Python does not allow. Where the contract has
# `required: true`, the module cannot even be imported: its body may be `Unset` nevertheless, a name that is not imported.
# Described as one kind of JSON that is either, the same bodies are sent.
#
# One would expect both to be sent, each as its media type. OpenAPI 3.1 has `content` of a Request Body Object as a map of
# media types for this, and the generator's changelog says that since 0.17.0 `body` takes any of the types of an operation
# with several, and that correct code is made for them.
#
#> one kind of JSON, an object: 204, sent as application/json
#> one kind of JSON, a list: 204, sent as application/json
#> two kinds of JSON, an object: TypeError: isinstance() argument 2 cannot be a parameterized generic
#> two kinds of JSON, a list: TypeError: isinstance() argument 2 cannot be a parameterized generic
#> two kinds of JSON, required, an object: NameError: name 'Unset' is not defined
#> two kinds of JSON, required, a list: NameError: name 'Unset' is not defined
#
# What we do: of the types of JSON the contract describes `application/json` alone, as one event or a list, and tells of the
# others in words (services/api/src/events/mod.rs). Python 3.11 or newer.
set -euo pipefail
. "$(dirname "$0")/setup.bash"

python_packages openapi-python-client==0.29.1

cat >openapi.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": { "title": "Events", "version": "1" },
  "paths": {
    "/one": { "post": {
      "operationId": "one",
      "requestBody": { "required": true, "content": {
        "application/json": { "schema": { "anyOf": [
          { "$ref": "#/components/schemas/Event" },
          { "type": "array", "items": { "$ref": "#/components/schemas/Event" } }
        ] } }
      } },
      "responses": { "204": { "description": "Taken" } }
    } },
    "/two": { "post": {
      "operationId": "two",
      "requestBody": { "content": {
        "application/cloudevents+json": { "schema": { "$ref": "#/components/schemas/Event" } },
        "application/cloudevents-batch+json": {
          "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } }
        }
      } },
      "responses": { "204": { "description": "Taken" } }
    } },
    "/two-required": { "post": {
      "operationId": "two_required",
      "requestBody": { "required": true, "content": {
        "application/cloudevents+json": { "schema": { "$ref": "#/components/schemas/Event" } },
        "application/cloudevents-batch+json": {
          "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } }
        }
      } },
      "responses": { "204": { "description": "Taken" } }
    } }
  },
  "components": { "schemas": { "Event": {
    "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } }
  } } }
}
JSON
echo 'post_hooks: []' >config.yaml
python3 -m openapi_python_client generate --path openapi.json --config config.yaml --meta none \
    --output-path client --fail-on-warning >/dev/null

cat >call.py <<'PYTHON'
import importlib

import httpx
from client import Client
from client.models import Event


def take(request):
    return httpx.Response(204, headers={"sent-as": request.headers["content-type"]})


client = Client("http://service.test", httpx_args={"transport": httpx.MockTransport(take)})
bodies = {"an object": Event(id="1"), "a list": [Event(id="1")]}
operations = {
    "one": "one kind of JSON",
    "two": "two kinds of JSON",
    "two_required": "two kinds of JSON, required",
}
for operation, described in operations.items():
    for kind, body in bodies.items():
        try:
            module = importlib.import_module(f"client.api.default.{operation}")
            answer = module.sync_detailed(client=client, body=body)
            came = f"{answer.status_code}, sent as {answer.headers['sent-as']}"
        except (NameError, TypeError) as error:
            came = f"{type(error).__name__}: {str(error).split('. Did you mean')[0]}"
        print(f"{described}, {kind}: {came}")
PYTHON
as_told python3 call.py
