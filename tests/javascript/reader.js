// Follows outcomes with the EventSource that partners use with Node.js; prints its first events, [id, data] each, as JSON.
//
//     reader.js ADDRESS SECRET COUNT

import EventSource from "eventsource";

const [address, secret, count] = process.argv.slice(2);
const source = new EventSource(`${address}/v1/outcomes`, { headers: { authorization: `Bearer ${secret}` } });
const told = [];
source.onmessage = ({ lastEventId, data }) => {
  told.push([lastEventId, data]);
  if (told.length == count) {
    source.close();
    console.log(JSON.stringify(told));
  }
};
