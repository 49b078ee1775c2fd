/** Code to take away. */
import styles from "./code-block.module.css";
import { CopyButton } from "./copy-button";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={styles.block}>
      <section aria-label={label}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and the keyboard must reach them */}
        <pre tabIndex={0}>
          <code>{code}</code>
        </pre>
      </section>
      <div className={styles.copy}>
        <CopyButton label={`Copy: ${label}`} text={code} />
      </div>
    </div>
  );
}
