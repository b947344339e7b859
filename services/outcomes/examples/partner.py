#!/usr/bin/env python3
"""A partner that reads its outcomes over NATS, in Python (3.9 or later, `pip install nats-py nkeys`).

    python3 partner.py NAME SEED_FILE [SERVER]

NAME is the partner's, SEED_FILE holds the seed of its key. Prints a line for each message, then acknowledges it. Stop it
with Ctrl-C and start it again: it goes on where it was, since the server keeps its place.
"""

import asyncio
import json
import signal
import sys

import nats


def take(message):
    """Does with a message what has to be done. When this returns, the message is acknowledged and not sent again; when
    the program ends before, it is: keep messages by their `id`, and twice is the same as once."""
    words = [message["time"], message["type"], message["subject"]]
    if "replaces" in message:  # this message takes the place of that one: drop it
        words.append("replaces " + message["replaces"])
    print(message["id"], *words, json.dumps(message["data"], ensure_ascii=False), sep="\t", flush=True)


async def main(name, seed_file, server="nats://127.0.0.1:4222"):
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    # Answers come to an inbox that nobody else may listen to; another one is not permitted.
    connection = await nats.connect(
        server, nkeys_seed=seed_file, inbox_prefix=f"_INBOX_{name}", max_reconnect_attempts=-1
    )
    consumer = await connection.jetstream().pull_subscribe_bind(consumer=name, stream="OUTCOMES")
    while not stopping.is_set():
        try:
            messages = await consumer.fetch(100, timeout=1)
        except asyncio.TimeoutError:  # nothing new
            continue
        for message in messages:
            take(json.loads(message.data))
            await message.ack()
    # Everything fetched was taken. To drain would wait half a minute for answers that say only that there was nothing.
    await connection.flush()
    await connection.close()


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
