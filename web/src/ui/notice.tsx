/** In place of content: nothing here, or something went wrong. */
import type { ReactNode } from "react";
import { HintedError } from "../lib/hinted-error";
import { Button } from "./button";
import styles from "./notice.module.css";

export function Notice({ children, title }: { children?: ReactNode; title: string }) {
  return (
    <div className={styles.notice}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** An error in the server's own words, with the next step. */
export function ErrorNotice({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title: string }) {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof HintedError ? error.hint : null;
  return (
    <div role="alert">
      <Notice title={title}>
        <p>{message}</p>
        {hint ? <p className={styles.hint}>{hint}</p> : null}
        {onRetry ? <Button onClick={onRetry}>Try again</Button> : null}
      </Notice>
    </div>
  );
}
