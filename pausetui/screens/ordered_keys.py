"""Keys go to what has the focus when it is their turn, also when many are typed at once."""

from __future__ import annotations

from typing import ClassVar
from weakref import WeakKeyDictionary

from textual.app import App
from textual.events import Event, Key
from textual.widget import Widget


class OrderedKeys(App[str]):
    """An app in which no key overtakes the one before it.

    Textual sends each key to what is focused when it arrives. Typed in one burst, the keys after ``/`` or
    ``ctrl+d`` would come to the tree, where one of them may quit; so they are sent on.
    """

    _key_went_to: ClassVar[WeakKeyDictionary[Key, Widget]] = WeakKeyDictionary()

    async def on_event(self, event: Event) -> None:
        """Note where each key went, and send it on if the focus has moved by its turn."""
        if isinstance(event, Key):
            if not event.is_forwarded:
                self._key_went_to[event] = self.focused or self.screen
            elif self._was_overtaken(event):
                return
        await super().on_event(event)

    def _was_overtaken(self, event: Key) -> bool:
        """Whether the focus moved between a key and its turn; then the key is sent after it."""
        went_to = self._key_went_to.pop(event, None)
        now = self.focused or self.screen
        if went_to is None or now is went_to:
            return False
        again = Key(event.key, event.character)
        again._set_forwarded()
        self._key_went_to[again] = now
        now.post_message(again)
        return True
