"""Every store holds the store contract."""

from __future__ import annotations

import pytest

from vitrina import syscalls
from vitrina.storage.local import LocalStore
from vitrina.storage.memory import MemoryStore

pytest.register_assert_rewrite("vitrina.testing.store_contract")

from vitrina.testing.store_contract import StoreContract  # noqa: E402 (its asserts explain themselves only from here on)


class TestLocalStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path / "storage")


class TestLocalStoreWithoutLinuxCalls(StoreContract):
    """As on macOS, or where a container forbids the calls."""

    @pytest.fixture
    def store(self, tmp_path, monkeypatch):
        monkeypatch.setattr(syscalls, "_load_libc", lambda: None)
        return LocalStore(tmp_path / "storage")


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore()
