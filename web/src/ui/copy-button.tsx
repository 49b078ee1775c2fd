/** Copies a text and says so. */
import { useEffect, useState } from "react";
import { copyText } from "../lib/copy-text";
import styles from "./copy-button.module.css";
import { Icon } from "./icon";

const ANSWER_MS = 1600;

export function CopyButton({ label, text }: { label: string; text: string }) {
  const [answer, setAnswer] = useState<"copied" | "refused" | null>(null);

  useEffect(() => {
    if (answer === null) return;
    const timer = window.setTimeout(() => setAnswer(null), ANSWER_MS);
    return () => window.clearTimeout(timer);
  }, [answer]);

  return (
    <button
      aria-label={label}
      className={styles.copy}
      onClick={async () => setAnswer((await copyText(text)) ? "copied" : "refused")}
      title={label}
      type="button"
    >
      <Icon name={answer === "copied" ? "check" : "copy"} size={16} />
      <span className="visually-hidden" role="status">
        {answer === "copied" ? "Copied" : ""}
        {answer === "refused" ? "The browser did not allow it: select the text instead" : ""}
      </span>
    </button>
  );
}
