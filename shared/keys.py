"""Every Redis key that Kapitola writes, declared once: its pattern, type, who writes it, and how long it lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = "kapitola:"


@dataclass(frozen=True, slots=True)
class Key:
    """`permanent` keys have no expiry: they are emptied as work is done, and small."""

    pattern: str
    type: Literal["string", "hash", "zset", "list", "stream"]
    meaning: str
    permanent: bool = False


KEYS = (
    Key("lecture:{id}", "hash", "a lecture's state, version, counts and options"),
    Key("cues:{id}", "string", "its cues, packed"),
    Key("chunk:{id}/{index}", "hash", "a chunk's state, attempt, lease token and outline; index `merge` for the merge"),
    Key("spent:{batch}", "string", "US dollars that a batch has spent, what is set aside for calls under way included"),
    Key("outline:{id}", "string", "the lecture's outline, as the document holds it"),
    Key("made:{id}", "string", "the outline that was made, where an edited one took its place"),
    Key("batch:{id}", "list", "the lectures of a batch, in order"),
    Key("batch-record:{id}", "hash", "a batch's client, version and times"),
    Key("events:{id}", "stream", "what happened to a lecture or a batch: one entry for each version"),
    Key("tombstone:{id}", "string", "whose lecture or batch this was: outlives it, so that it is known to be gone"),
    Key("lectures:{client}", "zset", "a client's lectures by time of submission"),
    Key("batches:{client}", "zset", "a client's batches by time of submission"),
    Key("idempotency:{client}:{key}", "string", "the batch that a key made, and the digest of its request"),
    Key("waiting:{client}", "zset", "a client's claimable work, in order", permanent=True),
    Key("clients", "zset", "clients with claimable work, by virtual time", permanent=True),
    Key("leases", "zset", "claimed work, by when its lease expires", permanent=True),
    Key("delayed", "zset", "work that waits for a later time, by that time", permanent=True),
    Key("suspects", "zset", "work whose workers died, to be tried alone once more, in order", permanent=True),
    Key("suspects:turn", "string", "the process that tries suspects at the moment"),
    Key("under-way:{client}", "zset", "a client's claimed work, by when its lease expires"),
    Key("claim:{token}", "string", "what a claim was answered, for a worker whose answer was lost on the way"),
    Key("swept", "string", "when expired leases were last looked for"),
    Key(
        "tallies",
        "hash",
        "what was counted since the beginning: works, lectures by state, calls, tokens, dollars",
        permanent=True,
    ),
    Key("order", "string", "counts submissions, so that older work goes first", permanent=True),
    Key("key:{digest}", "hash", "an API key: its id, client and webhook, and when it was last used", permanent=True),
    Key("keys", "hash", "the digest of every API key, by the key's id", permanent=True),
    Key("secret:{client}", "string", "what a client's webhooks are signed with", permanent=True),
    Key("secret:{client}:before", "string", "the secret before it, which signs beside it for a day"),
    Key("throttle:{client}", "hash", "for each limit of a client, when all that it took will have flowed back"),
    Key("webhook:{id}", "hash", "what a client's address is told, and how its delivery went"),
    Key("webhooks", "zset", "webhooks that wait, by when the next attempt is due", permanent=True),
    Key("webhooks:of:{client}", "zset", "a client's webhooks, by time"),
    Key("webhooks:disabled:{client}", "hash", "addresses that are told nothing more, and why", permanent=True),
    Key("reconciler", "string", "who reconciles at the moment: a token with a short life"),
    Key("limiter:state:{endpoint}", "hash", "when the next request, or token, is allowed; limits learnt; a pause"),
    Key("limiter:flight:{endpoint}", "zset", "calls in flight, by when they are given up for dead"),
    Key("limiter:reserved:{endpoint}", "hash", "the tokens that each call in flight has reserved"),
    Key("limiter:used:{model}:{language}:{purpose}", "hash", "tokens estimated and reported: corrects estimates"),
    Key("reply:{digest}", "string", "a model's reply to a prompt"),
    Key("replies:by-use", "zset", "kept replies, by when they were last of use"),
    Key("replies:sizes", "hash", "the size of each kept reply, in bytes"),
    Key("model:capabilities:{id}", "string", "what a model's server was found to refuse"),
    Key("model:finding-out:{id}", "string", "who is finding that out at the moment"),
    Key("probe", "string", "written by /readyz to see that Redis takes writes"),
    Key("diagnosis:{id}", "string", "a question of `kapitola doctor`, and what a worker found out about each endpoint"),
    Key("diagnosis:asked", "list", "questions that no worker has taken up yet"),
    Key("diagnosis:newest", "string", "the question that is open, for all who ask"),
)
