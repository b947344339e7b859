// A program of somebody's, in TypeScript, with the client that openapi-typescript makes of the contract. It compiles in
// strict mode, so every field it reads is described; what is marked as an error must be one.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Event = components["schemas"]["Event"];

declare const process: { argv: string[] };

const [baseUrl, parcours, secret] = process.argv.slice(2) as [string, string, string];
type Media = "application/json" | "application/problem+json";
const client = createClient<paths, Media>({ baseUrl });
const partner = createClient<paths, Media>({ baseUrl, headers: { authorization: `Bearer ${secret}` } });

const oriented: components["schemas"]["ParcoursOrientedV1"] = {
  specversion: "1.0",
  id: `${parcours}.1`,
  source: "urn:siret:19290076900014",
  type: "parcours.oriented.v1",
  subject: `parcours/${parcours}`,
  time: "2024-09-02T12:00:00Z",
  data: {
    trainee: "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
    channel: "direct",
    commune: "76540",
    situation: "without_job",
    needs: ["skills"],
    level: 3,
  },
};
const eligible: Event = {
  ...oriented,
  id: `${parcours}.2`,
  type: "parcours.eligibility.checked.v1",
  data: { eligible: true, reasons: ["looking for work"] },
};
// @ts-expect-error: no such channel
const channel: Event = { ...oriented, data: { ...oriented.data, channel: "nowhere" } };
const nowhere: Event = { ...oriented, data: { ...oriented.data, commune: "00000" } };
// @ts-expect-error: data of another type
const mixed: Event = { ...oriented, data: { reason: "completed" } };

const send = (body: Event) => client.POST("/v1/events", { body });
const first = await send(oriented);
const again = await send(oriented);
const list = await client.POST("/v1/events", {
  body: [oriented, eligible],
  headers: { "content-type": "application/cloudevents-batch+json" },
});
const refused = await send(nowhere);
const results = Array.isArray(list.data) ? list.data : [];
const position = results[1]?.position ?? -1;

const timeline = await client.GET("/v1/parcours/{id}", {
  params: { path: { id: parcours }, query: { min_position: position } },
});
const history = await client.GET("/v1/parcours/{id}/events", { params: { path: { id: parcours } } });
const missing = await client.GET("/v1/parcours/{id}", {
  params: { path: { id: "00000000-0000-0000-0000-000000000001" } },
});
const catalogue = await client.GET("/v1/catalogue", { params: { query: { territory: "departement/76", limit: 1 } } });
const figures = await client.GET("/v1/territories/{level}/{code}", {
  params: { path: { level: "region", code: "28" }, query: { from: "2024-01-01", to: "2024-12-31", by: "month" } },
});
const outcomes = await partner.GET("/v1/outcomes", { params: { query: { kind: "exit" } } });
const reasons = outcomes.data?.outcomes.map((message) =>
  message.type === "outcome.exit.v1" ? message.data.reason : message.type,
);

console.log(
  JSON.stringify({
    first: [first.response.status, first.data && !Array.isArray(first.data) ? first.data.status : undefined],
    again: [again.response.status, again.data && !Array.isArray(again.data) ? again.data.status : undefined],
    list: results.map((result) => result.status),
    refused: [refused.response.status, refused.error?.field],
    status: timeline.data?.status,
    steps: timeline.data?.steps.map((step) => step.type),
    history: history.data?.events.map((event) => event.revision),
    missing: missing.error?.code,
    left: catalogue.data?.sessions[0]?.places.left,
    months: figures.data?.groups?.length,
    entries: figures.data?.figures.entries,
    reasons,
  }),
);
