"""Redis at the door: what is unfit is refused, with what to do; what is fit is taken, however it is reached."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.lectures import lecture
from harness.proxy import Proxy
from harness.redis_process import RedisProcess
from harness.stack import Stack
from model_server import ModelServer
from redis import Redis

from shared.door import RedisUnfitError, _check_version, check_redis, connect
from shared.settings import Settings


def look(url: str, **given: object) -> None:
    async def at() -> None:
        settings = Settings(redis_url=url, _env_file=None, **given)
        redis = connect(settings)
        try:
            await check_redis(redis, settings)
        finally:
            await redis.aclose()

    asyncio.run(at())


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("maxmemory-policy", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction"),
        ("appendonly", "no", "CONFIG SET appendonly yes"),
        ("maxmemory", "1mb", "CONFIG SET maxmemory 2gb"),
    ],
)
def test_what_would_lose_lectures_is_refused_with_the_remedy(
    redis_url: str, name: str, value: str, remedy: str
) -> None:
    with Redis.from_url(redis_url) as redis:
        before = redis.config_get(name)[name]
        redis.config_set(name, value)
        try:
            with pytest.raises(RedisUnfitError, match=remedy):
                look(redis_url)
            if name == "appendonly":
                look(redis_url, redis_memory_only=True)
        finally:
            redis.config_set(name, before)
    look(redis_url)


@pytest.mark.parametrize(("version", "fit"), [("6.0.16", False), ("6.2.0", True), ("7.2.4", True), ("10.0.1", True)])
def test_a_redis_that_is_too_old_is_refused(version: str, fit: bool) -> None:
    if fit:
        _check_version(version)
    else:
        with pytest.raises(RedisUnfitError, match=r"6\.2"):
            _check_version(version)


@pytest.mark.parametrize(
    ("url", "fit"),
    [
        ("redis://10.1.2.3:6379/0", False),
        ("redis://redis:6379/0", False),
        ("redis://:password@10.1.2.3:6379/0", True),
        ("rediss://:password@redis:6380/0", True),
    ],
)
def test_s11_a_redis_elsewhere_without_a_password_is_refused_unless_it_is_allowed(url: str, fit: bool) -> None:
    from shared.door import _check_address

    if not fit:
        with pytest.raises(RedisUnfitError, match="KAPITOLA_REDIS_OPEN=1"):
            _check_address(Settings(redis_url=url, _env_file=None))
    _check_address(Settings(redis_url=url, redis_open=not fit, _env_file=None))


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Path]:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not there to make a certificate")
    made = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key.pem"), "-out",
         str(made), "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    yield made


@pytest.mark.slow
@pytest.mark.parametrize("way", ["tcp", "tls"])
def test_lectures_are_done_over_tcp_and_over_tls(tmp_path: Path, tls: Path, way: str) -> None:
    """Over a unix socket all other tests are. The carried binary knows no TLS: a proxy ends it."""
    context = None
    if way == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls, tls.with_name("key.pem"))
    with RedisProcess(tmp_path) as redis, ModelServer() as model, Proxy(redis.socket, context) as proxy:
        address = proxy.url if way == "tcp" else f"{proxy.url.replace('redis:', 'rediss:')}?ssl_ca_certs={tls}"
        look(address)
        with Stack(tmp_path, redis, model, through=address) as stack:
            stack.accept(lecture("l1", 2, seed=1))
            stack.crew.hire()
            stack.wait_for_all()
            assert stack.verdict().states == {"done": 1}
