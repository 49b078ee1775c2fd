/** Search as you type. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useHotkey } from "../../lib/use-hotkey";
import { Icon } from "../../ui/icon";
import styles from "./search-box.module.css";

const DELAY_MS = 250;

export function SearchBox({ onChange, text }: { onChange: (text: string) => void; text: string }) {
  const [typed, setTyped] = useState(text);
  const [applied, setApplied] = useState(text);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number | undefined>(undefined);
  useHotkey(
    "/",
    useCallback(() => input.current?.focus(), []),
  );
  useEffect(() => () => window.clearTimeout(timer.current), []);

  if (text !== applied) {
    // The address changed otherwise: by the back button, or a link.
    setApplied(text);
    setTyped(text);
  }

  const apply = (value: string) => {
    window.clearTimeout(timer.current);
    setApplied(value.trim());
    onChange(value.trim());
  };

  return (
    <search>
      <form
        className={styles.box}
        onSubmit={(event) => {
          event.preventDefault();
          apply(typed);
        }}
      >
        <Icon name="search" size={20} />
        <input
          aria-keyshortcuts="/"
          aria-label="Search datasets"
          autoComplete="off"
          onChange={({ target }) => {
            setTyped(target.value);
            window.clearTimeout(timer.current);
            timer.current = window.setTimeout(() => apply(target.value), DELAY_MS);
          }}
          placeholder="Search names, labels, channels, columns…"
          ref={input}
          spellCheck={false}
          type="search"
          value={typed}
        />
        <kbd title="Press / to search">/</kbd>
      </form>
    </search>
  );
}
